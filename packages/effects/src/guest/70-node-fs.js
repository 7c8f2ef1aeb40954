/*
 * Node's habits of fs, over the calls of file 50: one object is both the global `fs` and `require("fs")`. Errors stay
 * ours (`error.code` is `E_NOT_FOUND`, not `ENOENT`), as does the strictness: what Node would pass over is refused.
 */

const { encoding, fs, path: paths, seals, take } = kernel;
const { MathRandom } = kernel.primordials;
const STDIN = ["/dev/stdin", "/proc/self/fd/0"];

const pathOf = (value, call) => {
  if (value === 0 || STDIN.includes(value)) {
    return take.refuse(
      `\`${call}\`: a script has no standard input`,
      "what was given to the run is the global `input`",
    );
  }
  return take.path(value, `fs.${call}`, "path");
};

/** Options of Node, a text being the encoding; what has no meaning here (mode) is passed over. */
const optionsOf = (value, call, allowed) => {
  if (value === undefined || value === null) return Object.create(null);
  if (typeof value === "string") return { encoding: value };
  if (typeof value !== "object") return take.wrong(`fs.${call}`, "options", "an object or an encoding", value);
  return take.pick(value, allowed);
};

const isUtf8 = (name) => name === "utf8" || name === "utf-8" || name === "UTF-8";

const readFile = (path, options) => {
  const from = pathOf(path, "readFileSync");
  const { encoding: wanted, flag } = optionsOf(options, "readFileSync", ["encoding", "flag"]);
  if (flag !== undefined) take.oneOf(flag, "fs.readFileSync", "flag", ["r", "rs"]);
  if (isUtf8(wanted)) return kernel.call("fs.read", { path: from });
  const isBytes = wanted === undefined || wanted === null || wanted === "buffer";
  const decode = isBytes ? kernel.asBuffer : encoding.decoder(wanted, "fs.readFileSync");
  const base64 = kernel.call("fs.read", { path: from, encoding: "base64" });
  return seals.is(base64) ? sealedContent(base64, isBytes, wanted) : decode(kernel.bytes.fromBase64(base64));
};

/** A sealed file that was asked for as bytes: its text, which has a `toString`, or its base64. */
const sealedContent = (base64, isBytes, wanted) => {
  if (isBytes) return seals.encode("base64decode", seals.token(base64));
  return wanted === "base64" ? base64 : seals.unavailable(`"${wanted}"`, "utf8 or base64");
};

const store = (call, append) => (path, data, options) => {
  const to = pathOf(path, call);
  const given = optionsOf(options, call, ["encoding", "flag"]);
  const flag =
    given.flag === undefined ? (append ? "a" : "w") : take.oneOf(given.flag, `fs.${call}`, "flag", ["w", "a"]);
  const isText =
    typeof data === "string" && (given.encoding === undefined || given.encoding === null || isUtf8(given.encoding));
  const content = isText ? { data } : contentOf(encoding.toBytes(data, given.encoding, `fs.${call}`));
  kernel.call("fs.write", { path: to, ...content, append: flag === "a" ? true : undefined });
};

const contentOf = (view) => {
  const { text, base64 } = seals.payload(view);
  return text === undefined ? { data: base64, base64: true } : { data: text };
};

class Stats {
  constructor({ type, size, mtime }) {
    Object.assign(this, { size, mtimeMs: mtime, mtime: new Date(mtime) });
    Object.defineProperty(this, "type", { value: type });
  }

  isFile() {
    return this.type === "file";
  }

  isDirectory() {
    return this.type === "directory";
  }

  isSymbolicLink() {
    return false;
  }
}

const isNotFound = (error) => error instanceof kernel.AgentRunError && error.code === "E_NOT_FOUND";

const stat = (path, options) => {
  const from = pathOf(path, "statSync");
  const { throwIfNoEntry } = optionsOf(options, "statSync", ["throwIfNoEntry"]);
  try {
    const stats = kernel.call("fs.stat", { path: from });
    return seals.is(stats) ? stats : new Stats(stats);
  } catch (error) {
    if (throwIfNoEntry === false && isNotFound(error)) return undefined;
    throw error;
  }
};

class Dirent {
  constructor({ name, path, type }) {
    const parentPath = paths.dirname(path);
    Object.assign(this, { name, parentPath, path: parentPath });
    Object.defineProperty(this, "type", { value: type });
  }

  isFile() {
    return this.type === "file";
  }

  isDirectory() {
    return this.type === "directory";
  }

  isSymbolicLink() {
    return this.type !== "file" && this.type !== "directory";
  }
}

const readdir = (path, options) => {
  const from = pathOf(path, "readdirSync");
  const { withFileTypes, recursive } = optionsOf(options, "readdirSync", ["withFileTypes", "recursive"]);
  const entries = kernel.call("fs.list", { path: from, recursive: recursive ? true : undefined });
  if (seals.is(entries)) return sealedEntries(entries, withFileTypes, recursive);
  if (withFileTypes) return entries.map((entry) => new Dirent(entry));
  return entries.map((entry) => (recursive ? paths.relative(from, entry.path) : entry.name));
};

/** As many as nobody here knows. Names below a folder would have to be cut out of their paths. */
const sealedEntries = (entries, withFileTypes, recursive) => {
  if (withFileTypes) return entries;
  if (recursive) return seals.unavailable('"recursive"', "fs.list(path, { recursive: true }), which lists paths");
  return seals.compute([seals.token(entries)], (list) => list.map((entry) => entry.name), []);
};

const mkdir = (path) => {
  kernel.call("fs.mkdir", { path: pathOf(path, "mkdirSync") });
};

const mkdtemp = (prefix) => {
  const random = Array.from({ length: 6 }, () => Math.floor(MathRandom() * 36).toString(36)).join("");
  const path = `${take.text(prefix, "fs.mkdtempSync", "prefix")}${random}`;
  kernel.call("fs.mkdir", { path });
  return path;
};

/** `force`: what is not there counts as removed. */
const rm = (path, options) => {
  const target = pathOf(path, "rmSync");
  const { recursive, force } = optionsOf(options, "rmSync", ["recursive", "force"]);
  try {
    kernel.call("fs.delete", { path: target, recursive: recursive ? true : undefined });
  } catch (error) {
    if (!force || !isNotFound(error)) throw error;
  }
};

const unlink = (path) => {
  kernel.call("fs.delete", { path: pathOf(path, "unlinkSync") });
};

const between = (call, op) => (from, to, options) => {
  const source = pathOf(from, call);
  const target = pathOf(to, call);
  const exclusive = op === "fs.copy" && (options === constants.COPYFILE_EXCL || options?.errorOnExist === true);
  const isThere = exclusive && kernel.call("fs.exists", { path: target });
  if (seals.branch(isThere)) {
    return kernel.throwError("E_EXISTS", `\`${take.shown(target)}\` already exists`, { target });
  }
  kernel.call(op, { from: source, to: target });
  return undefined;
};

const access = (path) => {
  const from = pathOf(path, "accessSync");
  if (kernel.call("fs.exists", { path: from })) return;
  kernel.throwError("E_NOT_FOUND", `\`${take.shown(from)}\` does not exist`, { capability: "fs.read", target: from });
};

const realpath = (path) => {
  access(path);
  return paths.resolve(pathOf(path, "realpathSync"));
};

const constants = { F_OK: 0, X_OK: 1, W_OK: 2, R_OK: 4, COPYFILE_EXCL: 1 };

/** By the name without `Sync`. */
kernel.nodeFs = {
  readFile,
  writeFile: store("writeFileSync", false),
  appendFile: store("appendFileSync", true),
  stat,
  lstat: stat,
  readdir,
  mkdir,
  mkdtemp,
  rm,
  rmdir: rm,
  unlink,
  copyFile: between("copyFileSync", "fs.copy"),
  cp: between("cpSync", "fs.copy"),
  rename: between("renameSync", "fs.move"),
  access,
  realpath,
};
fs.constants = constants;
kernel.harden(Stats);
kernel.harden(Dirent);
kernel.inspecting.named(Stats);
kernel.inspecting.named(Dirent);
