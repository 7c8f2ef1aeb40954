/*
 * path, as Node's for POSIX: text alone, nothing is looked up. Absolute paths of a run start at its root directory, to
 * which relative ones belong.
 */

const { take } = kernel;

/** Where relative paths hang; "." while the machine was not told, which every call of `fs` understands as well. */
kernel.cwd = () => kernel.setup.root ?? ".";

const text = (value, call, name = "path") => take.text(value, `path.${call}`, name);

/** Segments without "." and with ".." taken back as far as there is something to take back. */
const segmentsOf = (path, isAbsolute) => {
  const out = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") out.push(segment);
    else if (out.length > 0 && out[out.length - 1] !== "..") out.pop();
    else if (!isAbsolute) out.push("..");
  }
  return out;
};

const isAbsolute = (path) => text(path, "isAbsolute").startsWith("/");

const normalize = (path) => {
  if (text(path, "normalize") === "") return ".";
  const absolute = path.startsWith("/");
  const body = segmentsOf(path, absolute).join("/");
  const tail = path.endsWith("/") && body !== "" ? "/" : "";
  if (absolute) return `/${body}${tail}`;
  return body === "" ? (path.endsWith("/") ? "./" : ".") : body + tail;
};

const join = (...paths) => {
  const joined = paths.filter((path, index) => text(path, "join", `paths[${index}]`) !== "").join("/");
  return joined === "" ? "." : normalize(joined);
};

const resolve = (...paths) => {
  let resolved = "";
  for (let index = paths.length - 1; index >= 0 && !resolved.startsWith("/"); index--) {
    const path = text(paths[index], "resolve", `paths[${index}]`);
    if (path !== "") resolved = resolved === "" ? path : `${path}/${resolved}`;
  }
  if (!resolved.startsWith("/")) resolved = `${kernel.cwd()}/${resolved}`;
  const absolute = resolved.startsWith("/");
  const body = segmentsOf(resolved, absolute).join("/");
  return absolute ? `/${body}` : body === "" ? "." : body;
};

const relative = (from, to) => {
  const start = resolve(text(from, "relative", "from"))
    .split("/")
    .filter(Boolean);
  const end = resolve(text(to, "relative", "to"))
    .split("/")
    .filter(Boolean);
  let common = 0;
  while (common < start.length && common < end.length && start[common] === end[common]) common++;
  return [...start.slice(common).map(() => ".."), ...end.slice(common)].join("/");
};

const dirname = (path) => {
  const body = text(path, "dirname").replace(/\/+$/, "");
  if (body === "") return path.startsWith("/") ? "/" : ".";
  const slash = body.lastIndexOf("/");
  if (slash === -1) return ".";
  if (slash === 1 && path.startsWith("//")) return "//";
  return slash === 0 ? "/" : body.slice(0, slash);
};

const basename = (path, suffix = undefined) => {
  const body = text(path, "basename").replace(/\/+$/, "");
  const name = body.slice(body.lastIndexOf("/") + 1);
  if (suffix === undefined) return name;
  const end = text(suffix, "basename", "suffix");
  if (end === path) return "";
  return name !== end && name.endsWith(end) ? name.slice(0, name.length - end.length) : name;
};

const extname = (path) => {
  const name = basename(text(path, "extname"));
  const dot = name.lastIndexOf(".");
  return dot <= 0 || name === ".." ? "" : name.slice(dot);
};

const parse = (path) => {
  const base = basename(text(path, "parse"));
  const ext = extname(base);
  const root = path.startsWith("/") ? "/" : "";
  const dir = dirname(path);
  const hasDir = path.replace(/\/+$/, "").includes("/") || root === "/";
  return { root, dir: hasDir ? dir : "", base, ext, name: base.slice(0, base.length - ext.length) };
};

const format = (parts) => {
  if (typeof parts !== "object" || parts === null) return take.wrong("path.format", "parts", "an object", parts);
  const { root, dir, base, name, ext } = take.pick(parts, ["root", "dir", "base", "name", "ext"]);
  const dotted = ext === undefined || ext === "" || ext.startsWith(".") ? (ext ?? "") : `.${ext}`;
  const file = base || `${name ?? ""}${dotted}`;
  const folder = dir || root;
  if (!folder) return file;
  return folder === root ? `${folder}${file}` : `${folder}/${file}`;
};

const functions = { basename, dirname, extname, format, isAbsolute, join, normalize, parse, relative, resolve };
const path = { ...functions, sep: "/", delimiter: ":", toNamespacedPath: (value) => value };
for (const [name, value] of Object.entries(functions)) kernel.native(name, value.length, value);
Object.defineProperty(path, "posix", { value: path });
kernel.path = path;
kernel.addModule("path", path);
kernel.addModule("path/posix", path);
