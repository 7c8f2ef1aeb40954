/** What is agent-run's own on this machine, closed to every script whatever its policy says. */
import { basename, dirname, resolve } from "node:path";
import { wayTo } from "@agent-run/effects";
import type { ProtectedPath } from "@agent-run/policy";
import { assetsDirectory } from "./assets.ts";
import { keysDirectory, stateDirectory } from "./places.ts";

/** Our bundles and image, the record, the trust store, approvals and keys: no rule of a policy opens these, nor a link to them. */
export function ownPaths(audit: string): ProtectedPath[] {
  return [
    ...guarded({ path: assetsDirectory(), access: "all", what: "agent-run's installation" }),
    ...guarded({ path: packageDirectory(assetsDirectory()), access: "write", what: "agent-run's installation" }),
    ...guarded({ path: resolve(audit), access: "all", what: "the record" }),
    ...guarded({ path: stateDirectory(), access: "all", what: "agent-run's state" }),
    ...guarded({ path: keysDirectory(), access: "all", what: "keys of approvers" }),
  ];
}

/** The package around the bundles where it is installed; in a checkout that is somebody's work, and the bundles are all. */
function packageDirectory(assets: string): string {
  const directory = dirname(assets);
  return basename(dirname(directory)) === "node_modules" ? directory : assets;
}

/** A path as named and as it really is, also where it is made later, and the links between the two. */
function guarded({ path, access, what }: ProtectedPath): ProtectedPath[] {
  const { real, links } = wayTo(path);
  const places = [...new Set([path, real])].map((place) => ({ path: place, access, what }));
  return [...places, ...links.map((link) => ({ path: link, alone: true, access: "write", what }) as const)];
}
