import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ownPaths } from "./own-paths.ts";

const place = vi.hoisted(() => ({ assets: "" }));
vi.mock("./assets.ts", () => ({ assetsDirectory: () => place.assets }));

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-own-")));
  vi.stubEnv("XDG_STATE_HOME", join(folder, "state"));
  vi.stubEnv("XDG_CONFIG_HOME", join(folder, "config"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);
const installation = "agent-run's installation";

test("the bundles, the package around them, the record and the state are ours", () => {
  place.assets = at("node_modules/agent-run/dist");
  expect(ownPaths(at("record"))).toEqual([
    { path: at("node_modules/agent-run/dist"), access: "all", what: installation },
    { path: at("node_modules/agent-run"), access: "write", what: installation },
    { path: at("record"), access: "all", what: "the record" },
    { path: at("state/agent-run"), access: "all", what: "agent-run's state" },
    { path: at("config/agent-run/keys"), access: "all", what: "keys of approvers" },
  ]);
});

test("a checkout around the bundles is somebody's work", () => {
  place.assets = at("work/dist");
  expect(ownPaths(at("record")).map(({ path }) => path)).not.toContain(at("work"));
});

test("what lies behind a link is ours under both names, and the link is not replaced", () => {
  place.assets = at("dist");
  mkdirSync(at("real"));
  symlinkSync("real", at("link"));
  const what = "the record";
  expect(ownPaths(at("link/record")).filter((own) => own.what === what)).toEqual([
    { path: at("link/record"), access: "all", what },
    { path: at("real/record"), access: "all", what },
    { path: at("link"), alone: true, access: "write", what },
  ]);
});
