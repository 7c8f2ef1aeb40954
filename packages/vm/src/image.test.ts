import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { IMAGE_FILE, loadAssets, WASM_FILE } from "./assets.ts";
import { buildImage } from "./build-image.ts";
import { guestFiles, program, QUIET, SETUP, SIZE, testAssets, wasmBytes } from "./engine.fixture.ts";
import { decodeImage } from "./image.ts";
import { Machine } from "./machine.ts";
import { seedState } from "./seed.ts";
import { ENGINE_SHA256, EXPORTS, IMPORTS } from "./wasm-abi.ts";
import { compileEngine } from "./wasm-table.ts";

const KERNEL = guestFiles().slice(0, 1);

describe("the image", () => {
  it("is the same, byte for byte, whenever it is built from the same files", async () => {
    const { image } = await testAssets();
    expect(Buffer.from(await buildImage(wasmBytes, guestFiles())).equals(image)).toBe(true);
  });

  it("names what it was built from: another file, name or order is another image", async () => {
    const key = async (files: typeof KERNEL) => decodeImage(await buildImage(wasmBytes, files)).header.guest;
    const one = { name: "10-a.js", source: "kernel.a = 1;" };
    const two = { name: "11-b.js", source: "kernel.b = 1;" };
    const keys = [
      await key(KERNEL),
      await key([...KERNEL, one]),
      await key([...KERNEL, { ...one, name: "12-a.js" }]),
      await key([...KERNEL, { ...one, source: "kernel.a = 2;" }]),
      await key([...KERNEL, one, two]),
      await key([...KERNEL, two, one]),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("is small enough to be restored before every run", async () => {
    expect((await testAssets()).image.length).toBeLessThan(2 * 1024 * 1024);
  });

  const broken: [string, string, string][] = [
    ["does not parse", "let = 1", "SyntaxError"],
    ["throws", "throw new Error('broken file')", "broken file"],
    ["calls the host", "kernel.call('x')", "called the host"],
    ["leaves a rejected promise", "Promise.reject(new Error('x'))", "left a promise rejected"],
    ["defines a global twice", "kernel.define('Map', 1)", "defined twice"],
    ["needs too much memory", "kernel.big = new ArrayBuffer(1e8)", "bytes of memory"],
  ];
  it.each(broken)("is not built when a guest file %s", async (_title, source, message) => {
    await expect(buildImage(wasmBytes, [...KERNEL, { name: "50-broken.js", source }])).rejects.toThrow(message);
  });

  const damaged: [string, (image: Buffer) => Buffer][] = [
    ["empty", () => Buffer.alloc(0)],
    ["of another kind", (image) => Buffer.concat([Buffer.from("x"), image.subarray(1)])],
    ["cut off", (image) => image.subarray(0, image.length - 1)],
    ["too long", (image) => Buffer.concat([image, Buffer.alloc(1)])],
    [
      "of another version",
      (image) => Buffer.from(image.toString("latin1").replace('"version":1', '"version":9'), "latin1"),
    ],
  ];
  it.each(damaged)("that is %s is refused", async (_title, damage) => {
    const { wasm, image } = await testAssets();
    expect(() => Machine.create({ wasm, image: damage(Buffer.from(image)) }, SIZE)).toThrow();
  });
});

describe("the assets of an installation", () => {
  const directory = mkdtempSync(join(tmpdir(), "agent-run-assets-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  const install = (wasm: Uint8Array, image: Uint8Array) => {
    writeFileSync(join(directory, WASM_FILE), wasm);
    writeFileSync(join(directory, IMAGE_FILE), image);
  };

  it("load and run", async () => {
    const { image } = await testAssets();
    install(wasmBytes, image);
    const machine = Machine.create(loadAssets(directory, sha256(image)), SIZE);
    expect(machine.run(program("return 1"), SETUP, QUIET)).toMatchObject({ json: "1" });
  });

  it("with one changed bit are refused", async () => {
    const { image } = await testAssets();
    for (const at of [0, 1000, wasmBytes.length - 1]) {
      const changed = Buffer.from(wasmBytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      install(changed, image);
      expect(() => loadAssets(directory, sha256(image))).toThrow("SHA-256");
    }
    const changed = Buffer.from(image);
    changed[image.length - 100] = (changed[image.length - 100] ?? 0) ^ 1;
    install(wasmBytes, changed);
    expect(() => loadAssets(directory, sha256(image))).toThrow("is not the one");
  });

  it("that are missing are an error that names the file", () => {
    expect(() => loadAssets(join(directory, "nowhere"), "")).toThrow(IMAGE_FILE);
  });
});

describe("the engine's wasm", () => {
  const require = createRequire(import.meta.url);
  const loader = readFileSync(require.resolve("@jitl/quickjs-wasmfile-release-sync/emscripten-module"), "utf8");

  it("is the file of the pinned package", () => {
    expect(createHash("sha256").update(wasmBytes).digest("hex")).toBe(ENGINE_SHA256);
  });

  const exported: [string, string][] = [
    ["malloc", "_malloc"],
    ["free", "_free"],
    ["setMaxStackSize", "_QTS_RuntimeSetMaxStackSize"],
    ["getUndefined", "_QTS_GetUndefined"],
    ["newRuntime", "_QTS_NewRuntime"],
    ["newContext", "_QTS_NewContext"],
    ["freeValue", "_QTS_FreeValuePointer"],
    ["freeText", "_QTS_FreeCString"],
    ["dupValue", "_QTS_DupValuePointer"],
    ["getNumber", "_QTS_GetFloat64"],
    ["newText", "_QTS_NewString"],
    ["getText", "_QTS_GetString"],
    ["isJobPending", "_QTS_IsJobPending"],
    ["executeJobs", "_QTS_ExecutePendingJob"],
    ["getProperty", "_QTS_GetProp"],
    ["setProperty", "_QTS_SetProp"],
    ["call", "_QTS_Call"],
    ["takeException", "_QTS_ResolveException"],
    ["evaluate", "_QTS_Eval"],
    ["newFunction", "_QTS_NewFunction"],
    ["enableInterrupts", "_QTS_RuntimeEnableInterruptHandler"],
  ];
  it.each(exported)("has %s where the package's own loader finds it", (name, symbol) => {
    expect(loader).toContain(`c.${symbol}=b.${EXPORTS[name as keyof typeof EXPORTS]};`);
  });

  it("imports and exports every letter that is spelled out, and no other import", () => {
    const module = compileEngine(wasmBytes);
    const { imports, exports } = WebAssembly.Module as unknown as Record<
      "imports" | "exports",
      (module: unknown) => { name: string }[]
    >;
    const names = (list: { name: string }[]) => list.map(({ name }) => name);
    expect(names(imports(module)).sort()).toEqual(Object.values(IMPORTS).sort());
    expect(names(exports(module))).toEqual(expect.arrayContaining([...Object.values(EXPORTS), "table"]));
  });
});

describe("a seed", () => {
  it("gives a state that is not zero, and not that of its neighbour", () => {
    const seeds = [0, 1, 2, -1, 2 ** 53 - 1, 1e300, Number.NaN, Number.POSITIVE_INFINITY, 0.5];
    for (const seed of seeds) expect(seedState(seed) > 0n && seedState(seed) < 2n ** 64n).toBe(true);
    expect(new Set([0, 1, 2, -1, 3, 4].map(seedState)).size).toBe(6);
  });
});
