// Files and folders.

//# stat-of-private
// title: existence, size and time of private files
// rows: 46
for (const path of ["priv/secret.txt", "priv/size.bin", "priv/made", "priv/notes", "~/notes/plan.md", "priv/absent"]) {
  try { print(fs.exists(path), fs.stat(path), fs.stat(path).size, fs.stat(path).mtime); } catch (error) { print(error.code); }
}

//# branch-on-exists
// title: branches on whether a private file is there
// rows: 46
// expect: E_SEALED_BRANCH
if (fs.exists("priv/made")) print("made");

//# list-private
// title: lists private folders
// rows: 46
for (const path of ["priv", "priv/notes", "~/notes", "."]) {
  try { print(fs.list(path, { recursive: true })); } catch (error) { print(error.code); }
}

//# glob-private
// title: patterns over private names
// rows: 46
for (const pattern of ["priv/notes/*", "**/*.md", "priv/**", "p*/**", "**/made", "{pub,priv}/*.txt"]) {
  try { print(fs.glob(pattern)); } catch (error) { print(error.code); }
}

//# list-around-private
// title: lists, copies and matches in a public folder around a private one
// rows: 46
// policy: private-inside
for (const attempt of [() => fs.list("out", { recursive: true }), () => fs.glob("out/**"), () => fs.copy("out", "pub/all"), () => fs.list("pub", { recursive: true }), () => fs.move("out/inner", "pub/inner"), () => fs.delete("out", { recursive: true }), () => fs.list("out")]) {
  try { print(attempt()); } catch (error) { print(error.code); }
}

//# parents-of-private
// title: time and listing of the folders above
// rows: 46
// setup: times
for (const path of [".", "priv", "priv/..", "pub", "~"]) {
  try { print(path, fs.stat(path)); } catch (error) { print(path, error.code); }
}
print(fs.list(".").map(({ name, type }) => `${name} ${type}`));

//# secret-in-a-name
// title: a public or private file named after it
// rows: 47
// expect: E_SINK
const key = env.read("API_KEY");
for (const attempt of [() => fs.write(`out/${key}.txt`, "x"), () => fs.write(`priv/${key}.txt`, "x"), () => fs.read(`pub/${key}`), () => fs.mkdir(`out/${key}`), () => fs.list(`priv/${key}`), () => fs.glob(`priv/${key}*`), () => fs.exists(`priv/${key}`), () => fs.delete(`out/${key}`), () => fs.stat(`${key}`)]) {
  try { print(attempt()); } catch (error) { print(error.code); }
}
fs.write(`out/${key}.txt`, "x");

//# derived-length
// title: writes what depends on its length
// rows: 48
// expect: E_SINK
const key = env.read("API_KEY");
for (const data of [() => key.length, () => `${key.length}`, () => key.map((k) => "x".repeat(k.length)), () => [key], () => ({ key }), () => `a${key}b`]) {
  try { fs.write("out/length.txt", data()); print("written"); } catch (error) { print(error.code); }
}
fs.write("out/length.txt", `${key.length}`);

//# public-symlink
// title: a link in a public folder to a private file
// rows: 49
// setup: symlink
for (const path of ["out/link.txt", "out/folder/secret.txt", "out/folder/bit.txt"]) {
  for (const attempt of [() => fs.read(path), () => fs.stat(path), () => fs.exists(path)]) {
    try { print(attempt()); } catch (error) { print(error.code); }
  }
}
print(fs.list("out"), fs.glob("out/**"));

//# write-through-symlink
// title: writes and copies through such a link
// rows: 49
// setup: symlink
for (const attempt of [() => fs.write("out/link.txt", "x"), () => fs.copy("out/link.txt", "out/copy.txt"), () => fs.move("out/folder", "out/moved"), () => fs.write("out/folder/new.txt", "x"), () => fs.delete("out/folder", { recursive: true })]) {
  try { print(attempt()); } catch (error) { print(error.code); }
}

//# link-by-command
// title: a public command makes links to private files
// rows: 50
for (const kind of ["soft", "hard"]) {
  try { print(subprocess.exec(["bin/link", kind]).exitCode); } catch (error) { print(error.code); }
}
for (const path of ["out/soft.txt", "out/hard.txt"]) {
  try { print(fs.read(path)); } catch (error) { print(error.code); }
}

//# hard-link
// title: a second name of a private file in a public folder
// rows: 50
// setup: hard-link
for (const attempt of [() => fs.read("out/hard.txt"), () => fs.stat("out/hard.txt").size, () => fs.copy("out/hard.txt", "out/copy.txt"), () => fs.read("out/copy.txt")]) {
  try { print(attempt()); } catch (error) { print(error.code); }
}

//# nul-in-path
// title: NUL, lone surrogates and control characters between check and use
// rows: 51
for (const path of ["pub/readme.txt\0/../../priv/secret.txt", "pub\ud800/../priv/secret.txt", "priv/secret.txt\0.txt", "out/\n"]) {
  try { print(fs.read(path)); } catch (error) { print(error.code); }
}

//# spellings
// title: other spellings of a private path
for (const path of ["./priv/secret.txt", "pub/../priv/secret.txt", "priv//secret.txt", "PRIV/secret.txt", "priv/SECRET.TXT", "$BASE/project/priv/secret.txt", "out/../priv/./secret.txt", "~/../project/priv/secret.txt", "/proc/self/cwd/priv/secret.txt", "priv/secret.txt/", "/dev/fd/0", "pr\u0069v/secret.txt"]) {
  try { print(path.length, fs.read(path)); } catch (error) { print(error.code); }
}

//# unicode-spellings
// title: composed and decomposed names
for (const path of ["priv/s\u0065\u0301cret.txt", "priv/s\u00e9cret.txt", "\uff50riv/secret.txt", "priv\u200b/secret.txt", "priv/secret\u202etxt."]) {
  try { print(fs.read(path), fs.exists(path)); } catch (error) { print(error.code); }
}

//# command-makes-files
// title: a cleared command makes a file whose presence is looked at
// rows: 52
subprocess.exec(["bin/cleared"]);
seal.settle();
try { print(fs.exists("priv/made"), fs.stat("priv/made")); } catch (error) { print(error.code); }
print(fs.list("."), fs.exists("out/made"));

//# lock-file
// title: exclusive creation and removal as a signal between calls
// rows: 53
for (const attempt of [() => fs.write("priv/lock", env.read("API_KEY")), () => fs.mkdir("priv/lock"), () => fs.delete("priv/lock"), () => fs.mkdir("priv/notes")]) {
  try { print(attempt()); } catch (error) { print(error.code); }
}

//# copy-private-out
// title: copies, moves and appends private files to public places
for (const attempt of [() => fs.copy("priv/secret.txt", "out/copy.txt"), () => fs.move("priv/secret.txt", "out/moved.txt"), () => fs.write("out/before.txt", fs.read("priv/secret.txt"), { append: true }), () => fs.copy("priv", "out/all"), () => fs.move("priv/open", "out/open")]) {
  try { print(attempt()); } catch (error) { print(error.code); }
}
print(fs.read("out/before.txt"), fs.list("out"));

//# copy-public-in
// title: copies public files in and looks at what that changed
for (const attempt of [() => fs.copy("pub/readme.txt", "priv/readme.txt"), () => fs.copy("priv/secret.txt", "priv/again.txt"), () => fs.move("out/before.txt", "priv/before.txt"), () => fs.write("priv/new.txt", "public text")]) {
  try { print(attempt()); } catch (error) { print(error.code); }
}
print(fs.list("out"));

//# base64-write
// title: writes it as bytes
// expect: E_SINK
const bytes = fs.read("priv/secret.txt", { encoding: "base64" });
try { fs.write("out/bytes.bin", bytes, { base64: true }); } catch (error) { print(error.code); }
fs.write("out/bytes.txt", bytes);

//# delete-private
// title: deletes private files and folders and sees whether that worked
for (const path of ["priv/made", "priv/secret.txt", "priv/notes"]) {
  try { print(fs.delete(path, { recursive: true })); } catch (error) { print(error.code); }
}
try { print(fs.delete(".", { recursive: true })); } catch (error) { print(error.code); }

//# private-round-trip
// title: writes to a private file and reads it again
const key = env.read("API_KEY");
fs.write("priv/round.txt", `before ${key} after`);
const back = fs.read("priv/round.txt");
print(back, String(back).length);
print(fs.stat("priv/round.txt").size);

//# append-and-measure
// title: appends until something gives
for (let n = 0; n < 5; n += 1) print(fs.write("priv/grow.txt", fs.read("priv/size.bin"), { append: true }));
print(fs.stat("priv/grow.txt").size);

//# laundering-policy
// title: a policy under which private data may go into a public folder does not load
// policy: laundering
// expect: E_POLICY_INVALID
fs.write("out/key.txt", env.read("API_KEY"));
print(fs.read("out/key.txt"));

//# overlap
// title: a folder that may receive private data and is granted as public, too
// policy: overlap
const key = env.read("API_KEY");
for (const attempt of [() => fs.write("out/key.txt", key), () => fs.read("out/key.txt"), () => fs.stat("out/key.txt"), () => fs.list("out"), () => subprocess.exec(["bin/show", "out/key.txt"]).stdout]) {
  try { print(attempt()); } catch (error) { print(error.code); }
}

//# sealed-options
// title: sealed values as options: offset, length, encoding, append, recursive
const config = JSON.parse(fs.read("priv/config.json"));
for (const attempt of [() => fs.read("pub/readme.txt", { offset: config.items.length }), () => fs.read("pub/readme.txt", { length: config.bit }), () => fs.write("out/x", "x", { append: config.bit }), () => fs.list("pub", { recursive: config.bit }), () => fs.read("pub/readme.txt", { encoding: `${config.db.host}` })]) {
  try { print(attempt()); } catch (error) { print(error.code); }
}

//# own-record
// title: reads the record, the policy and where secrets come from
for (const path of ["agent-run.toml", "../record", "creds/broker.json", "$BASE/record/runs", "/proc/self/environ", "/proc/self/maps"]) {
  try { print(fs.read(path)); } catch (error) { print(error.code); }
}
