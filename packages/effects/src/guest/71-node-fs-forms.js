/*
 * The three forms of Node's fs: readFileSync, fs.promises.readFile, and readFile with a callback, all of them the one
 * synchronous function. Names that cannot be offered say what to use instead.
 */

const { fs, nodeFs } = kernel;

/** Names of ours that Node has with a callback; ours stand, and refuse a callback with a hint. */
const OURS = ["stat", "mkdir", "exists", "read", "write"];

const ABSENT = {
  createReadStream: "read a large file in parts: fs.read(path, { offset, length })",
  createWriteStream: "append parts: fs.write(path, text, { append: true })",
  openSync: "there are no descriptors: use fs.read and fs.write with `offset`, `length`, `append`",
  readSync: "use fs.read(path, { offset, length })",
  writeSync: "use fs.write(path, text, { append: true }), or print(text)",
  symlinkSync: "links can not be made: use fs.copy(from, to)",
  linkSync: "links can not be made: use fs.copy(from, to)",
  chmodSync: "modes can not be changed",
  watch: "files can not be watched",
};

const promises = {};
for (const [name, run] of Object.entries(nodeFs)) {
  const { length } = run;
  fs[`${name}Sync`] = kernel.native(`${name}Sync`, length, (...values) => Reflect.apply(run, undefined, values));
  promises[name] = kernel.native(name, length, async (...values) => Reflect.apply(run, undefined, values));
  if (!OURS.includes(name)) fs[name] = withCallback(name, length);
}

function withCallback(name, length) {
  return kernel.native(name, length + 1, (...values) => {
    const callback = values.pop();
    if (typeof callback !== "function") {
      return kernel.take.refuse(
        `\`fs.${name}\` needs a callback`,
        `use fs.${name}Sync(...), or await fs.promises.${name}(...)`,
      );
    }
    Reflect.apply(promises[name], undefined, values).then(
      (value) => (value === undefined ? callback(null) : callback(null, value)),
      (error) => callback(error),
    );
    return undefined;
  });
}

fs.existsSync = kernel.native("existsSync", 1, (path) => {
  const from = kernel.take.path(path, "fs.existsSync", "path");
  return kernel.call("fs.exists", { path: from });
});
promises.constants = fs.constants;
fs.promises = promises;

for (const [name, hint] of Object.entries(ABSENT)) {
  fs[name] = kernel.native(name, 1, () => kernel.throwError("E_SUBSET", `\`fs.${name}\` is not there`, { hint }));
}

kernel.addModule("fs", fs);
kernel.addModule("fs/promises", promises);
