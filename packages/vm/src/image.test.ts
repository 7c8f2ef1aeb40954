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
      (image) => Buffer.from(image.toString("latin1").replace('"version":2', '"version":9'), "latin1"),
    ],
  ];
  it.each(damaged)("that is %s is refused", async (_title, damage) => {
    const { wasm, image } = await testAssets();
    await expect(Machine.create({ wasm, image: damage(Buffer.from(image)) }, SIZE)).rejects.toThrow();
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
    const machine = await Machine.create(loadAssets(directory, sha256(image)), SIZE);
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

  const replaced: [keyof typeof IMPORTS, RegExp][] = [
    ["now", /\bp:\(\)=>Date\.now\(\)/],
    ["localTime", /\bm:function\(a,d\)\{.*getSeconds\(\)/],
    ["timeZone", /\bn:\(a,d,b,e\)=>\{.*getTimezoneOffset\(\)/],
    ["environment", /\be:\(a,d\)=>\{.*of na\(\)/],
    ["environmentSizes", /\bf:\(a,d\)=>\{var b=na\(\)/],
    ["setTimer", /\bj:\(a,d\)=>\{.*setTimeout/],
    ["resizeHeap", /\bk:a=>\{.*\.grow\(/],
    ["exit", /\br:la\b/],
  ];
  it.each(replaced)("%s is the import that the package's own loader serves from the host", (name, served) => {
    expect(loader).toMatch(served);
    expect(served.source).toContain(`\\b${IMPORTS[name]}:`);
  });

  it("has no import that is neither replaced nor known to be harmless", () => {
    const module = compileEngine(wasmBytes);
    const { imports, exports } = WebAssembly.Module as unknown as Record<
      "imports" | "exports",
      (module: unknown) => { name: string }[]
    >;
    const names = (list: { name: string }[]) => list.map(({ name }) => name);
    const callbacks = ["s", "i", "t", "g", "h"];
    // The memory; write, close and seek of files, which only print or fail; abort, assert and keepalive.
    const harmless = ["a", "c", "d", "o", "b", "q", "l"];
    expect(names(imports(module)).sort()).toEqual([...Object.values(IMPORTS), ...callbacks, ...harmless].sort());
    expect(names(exports(module))).toEqual(expect.arrayContaining([...Object.values(EXPORTS), "table"]));
    expect(loader).toContain(`qa=b.${EXPORTS.restoreStack};`);
    expect(loader).toContain(`pa=b.${EXPORTS.currentStack};`);
  });
});

describe("a seed", () => {
  it("gives a state that is not zero, and not that of its neighbour", () => {
    const seeds = [0, 1, 2, -1, 2 ** 53 - 1, 1e300, Number.NaN, Number.POSITIVE_INFINITY, 0.5];
    for (const seed of seeds) expect(seedState(seed) > 0n && seedState(seed) < 2n ** 64n).toBe(true);
    expect(new Set([0, 1, 2, -1, 3, 4].map(seedState)).size).toBe(6);
  });
});
