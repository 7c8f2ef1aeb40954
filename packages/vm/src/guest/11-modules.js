/*
 * Node's built-in modules, as far as there are any: `require("fs")` and, rewritten to it, `import fs from "node:fs"`.
 * A later file registers what it offers; nothing is ever loaded from a disk.
 */

const { take } = kernel;
const modules = new Map();
const INSTEAD = {
  http: "use `fetch` or `net.request`",
  https: "use `fetch` or `net.request`",
  net: "use `fetch` or `net.request`",
  "node-fetch": "`fetch` is a global",
  axios: "use `fetch` or `net.httpGet`",
  undici: "`fetch` is a global",
  shelljs: "use `subprocess.exec` with an array of arguments",
  execa: "use `subprocess.exec` with an array of arguments",
  glob: "use `fs.glob(pattern)`",
  "fast-glob": "use `fs.glob(pattern)`",
  "fs-extra": "use `fs`",
  dotenv: "use `env.read(name)`",
  uuid: "use `crypto.randomUUID()`",
};

/** `default` stands for `import fs from "node:fs"`; it is not listed, so that `import * as fs` looks like the module. */
kernel.addModule = (name, exports) => {
  if (!Object.hasOwn(exports, "default")) Object.defineProperty(exports, "default", { value: exports });
  modules.set(name, kernel.harden(exports) ?? exports);
};

const require = (name) => {
  const asked = take.text(name, "require", "name");
  const bare = asked.startsWith("node:") ? asked.slice(5) : asked;
  const found = modules.get(bare);
  if (found !== undefined) return found;
  const instead = Object.hasOwn(INSTEAD, bare) ? `${INSTEAD[bare]}; ` : "";
  const known = [...modules.keys()].sort().join(", ");
  return kernel.throwError("E_SUBSET", `there is no module \`${take.shown(asked)}\``, {
    hint: `${instead}the modules are ${known}`,
  });
};

/** What a file of Node's finds around it: scripts end with `module.exports = ...` and ask `require.main === module`. */
let module = { exports: {} };
Object.defineProperty(require, "main", { get: () => module });
kernel.onStart(() => {
  module = { exports: {} };
  kernel.define("module", module);
  kernel.define("exports", module.exports);
  kernel.define("__dirname", kernel.cwd());
  kernel.define("__filename", `${kernel.cwd()}/script.js`);
});

kernel.define("global", globalThis);
kernel.define("require", kernel.native("require", 1, require));
