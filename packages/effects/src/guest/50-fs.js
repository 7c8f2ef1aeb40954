/*
 * fs: the file calls of a script. Arguments are checked and copied here, decided and done by the host; nothing about a
 * file is known inside the VM. Every call returns its value at once.
 */

const { bytes, seals, take } = kernel;

const NO_CALLBACK = "calls of `fs` return their result: leave out the callback";

/** Options, where a mistaken Node callback gets its own hint and a text stands for the encoding. */
const optionsOf = (value, call, allowed) => {
  if (typeof value === "function") return take.wrong(call, "options", "an object", value, NO_CALLBACK);
  return take.options(value, call, allowed);
};

const encodingOf = (value, call) => {
  if (value === undefined) return undefined;
  const name = typeof value === "string" ? value.toLowerCase().replace("utf-8", "utf8") : value;
  return take.oneOf(name, call, "encoding", ["utf8", "base64"]);
};

const read = (path, options = undefined) => {
  const call = "fs.read";
  const from = take.path(path, call, "path");
  const given = typeof options === "string" ? { encoding: options } : options;
  const { encoding, offset, length } = optionsOf(given, call, ["encoding", "offset", "length"]);
  return kernel.call(call, {
    path: from,
    encoding: encodingOf(encoding, call),
    offset: take.optionalCount(offset, call, "offset"),
    length: take.optionalCount(length, call, "length"),
  });
};

const readJson = (path) => {
  const from = take.path(path, "fs.readJson", "path");
  const text = kernel.call("fs.read", { path: from });
  return kernel.parseJson(text, `\`${take.shown(from)}\``, { capability: "fs.read", target: from });
};

const list = (path = ".", options = undefined) => {
  const call = "fs.list";
  const from = take.path(path, call, "path");
  const { recursive } = optionsOf(options, call, ["recursive"]);
  return kernel.call(call, { path: from, recursive: take.optionalFlag(recursive, call, "recursive") });
};

const glob = (pattern, options = undefined) => {
  const call = "fs.glob";
  const wanted = take.text(pattern, call, "pattern");
  const { cwd } = optionsOf(options, call, ["cwd"]);
  return kernel.call(call, { pattern: wanted, cwd: cwd === undefined ? undefined : take.path(cwd, call, "cwd") });
};

const stat = (path, options = undefined) => {
  const from = take.path(path, "fs.stat", "path");
  optionsOf(options, "fs.stat", []);
  return withKind(kernel.call("fs.stat", { path: from }));
};

/** `isFile()` and `isDirectory()` besides, not enumerable: the result stays the same JSON. */
const withKind = (stats) => {
  if (seals.is(stats)) return stats;
  const method = (name, type) =>
    Object.defineProperty(stats, name, { value: kernel.native(name, 0, () => stats.type === type) });
  method("isFile", "file");
  method("isDirectory", "directory");
  return stats;
};

const exists = (path, options = undefined) => {
  const from = take.path(path, "fs.exists", "path");
  optionsOf(options, "fs.exists", []);
  return kernel.call("fs.exists", { path: from });
};

const write = (path, data, options = undefined) => {
  const call = "fs.write";
  const to = take.path(path, call, "path");
  const content = contentOf(data, call);
  const { append, base64, createParents } = optionsOf(options, call, ["append", "base64", "createParents"]);
  const isBase64 = take.optionalFlag(base64, call, "base64");
  if (content.base64 && isBase64 !== undefined) {
    return take.refuse("`base64` of `fs.write` is for text; bytes are written as they are");
  }
  if (isBase64 && seals.inText(content.data))
    seals.unavailable("`base64` of `fs.write`", "fs.write(path, atob(sealed))");
  return kernel.call(call, {
    path: to,
    data: content.data,
    append: take.optionalFlag(append, call, "append"),
    base64: content.base64 || isBase64,
    createParents: take.optionalFlag(createParents, call, "createParents"),
  });
};

const contentOf = (data, call) => {
  if (typeof data === "string" || seals.is(data)) return { data: `${data}`, base64: false };
  const view = bytes.view(data);
  if (view !== null) {
    const { text, base64 } = seals.payload(view);
    return text === undefined ? { data: base64, base64: true } : { data: text, base64: false };
  }
  return take.wrong(call, "data", "a string or bytes", data, "for data use JSON.stringify(data)");
};

const nothing = (call, args) => {
  kernel.call(call, args);
};

const mkdir = (path, options = undefined) => {
  const to = take.path(path, "fs.mkdir", "path");
  optionsOf(options, "fs.mkdir", ["recursive"]);
  nothing("fs.mkdir", { path: to });
};

const remove = (path, options = undefined) => {
  const call = "fs.delete";
  const target = take.path(path, call, "path");
  const { recursive } = optionsOf(options, call, ["recursive"]);
  nothing(call, { path: target, recursive: take.optionalFlag(recursive, call, "recursive") });
};

const between =
  (call) =>
  (from, to, options = undefined) => {
    const source = take.path(from, call, "from");
    const target = take.path(to, call, "to");
    optionsOf(options, call, []);
    nothing(call, { from: source, to: target });
  };

kernel.fs = {
  read: kernel.native("read", 1, read),
  readJson: kernel.native("readJson", 1, readJson),
  list: kernel.native("list", 1, list),
  glob: kernel.native("glob", 1, glob),
  stat: kernel.native("stat", 1, stat),
  exists: kernel.native("exists", 1, exists),
  write: kernel.native("write", 2, write),
  mkdir: kernel.native("mkdir", 1, mkdir),
  delete: kernel.native("delete", 1, remove),
  copy: kernel.native("copy", 2, between("fs.copy")),
  move: kernel.native("move", 2, between("fs.move")),
};
kernel.define("fs", kernel.fs);
