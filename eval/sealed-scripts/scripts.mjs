/**
 * Scripts that a model writes who takes a sealed value for an ordinary one. `code`: what each fails with; null: it does
 * not fail, and shows the display form. `says`: what of message and hint leads to the right script: the thing, and the
 * fix. `line`: where. `right`: the script that the message leads to; `happened` looks at what it did, and returns what
 * is wrong, or null.
 */
export const SCRIPTS = [
  {
    name: "branch on an answer",
    wrong: `const answer = net.httpGet("$LOCAL/deploys/latest");
if (answer.json().state === "green") {
  fs.write("out/next.txt", "go ahead");
}`,
    code: "E_SEALED_BRANCH",
    line: 2,
    says: [/\[sealed from host:localhost:\d+\]/, /seal\.run\(\[value\], \(v, io\) =>/, /release rule/],
    right: `const answer = net.httpGet("$LOCAL/deploys/latest");
if (release("state", answer) === "green") {
  fs.write("out/next.txt", "go ahead");
}`,
    happened: ({ file }) => (file("next.txt") === "go ahead" ? null : "nothing was written"),
  },
  {
    name: "is the key there?",
    wrong: `const key = env.read("STRIPE_KEY");
if (!key) throw new Error("STRIPE_KEY is not set");
const answer = net.httpGet("$API/v1/charges", { headers: { Authorization: \`Bearer \${key}\` } });
print(answer.json().data[0].id);`,
    code: "E_SEALED_BRANCH",
    line: 2,
    says: [/\[sealed secret:stripe\]/, /leave the check out/],
    right: `const key = env.read("STRIPE_KEY");
const answer = net.httpGet("$API/v1/charges", { headers: { Authorization: \`Bearer \${key}\` } });
print(answer.json().data[0].id);`,
    stdout: "ch_1A\n",
  },
  {
    name: "a part of a file",
    wrong: `const note = fs.read("~/notes/plan.md");
net.httpPost("$LOCAL/generate", { prompt: note.slice(0, 33) });`,
    code: "E_SEALED_METHOD",
    line: 2,
    says: [/"slice" is not available on a sealed value/, /use \.map\(v => v\.slice\(…\)\)/],
    right: `const note = fs.read("~/notes/plan.md");
net.httpPost("$LOCAL/generate", { prompt: note.map((v) => v.slice(0, 33)) });`,
    happened: ({ heard }) => sentPrompt(heard, "Sell the harbour site before May."),
  },
  {
    name: "a part of a body",
    wrong: `const note = fs.read("~/notes/plan.md");
const body = JSON.stringify({ prompt: note });
net.httpPost("$LOCAL/generate", body.slice(0, 40));`,
    code: "E_TOKEN_BROKEN",
    line: 3,
    says: [/damaged sealed placeholder; was a string with a sealed value sliced/, /value\.map\(\(v\) => v\.slice\(/],
    right: `const note = fs.read("~/notes/plan.md");
const body = JSON.stringify({ prompt: note.map((v) => v.slice(0, 4)) });
net.httpPost("$LOCAL/generate", body);`,
    happened: ({ heard }) => sentPrompt(heard, "Sell"),
  },
  {
    name: "a variable from outside",
    wrong: `const word = "May";
const note = fs.read("~/notes/plan.md");
const found = note.map((text) => text.split("\\n").filter((line) => line.includes(word)).length);
fs.write("~/notes/found.txt", found);`,
    code: "E_CAPTURE",
    line: 3,
    says: [/uses `word` from outside/, /\.map\(\(text, word\) => …, word\)/],
    right: `const word = "May";
const note = fs.read("~/notes/plan.md");
const found = note.map((text, word) => text.split("\\n").filter((line) => line.includes(word)).length, word);
fs.write("~/notes/found.txt", String(found));`,
    happened: ({ file }) => (file("found.txt") === "40" ? null : `found.txt is ${file("found.txt")}`),
  },
  {
    name: "a function from outside",
    wrong: `const first = (text) => text.split("\\n")[0];
const note = fs.read("~/notes/plan.md");
fs.write("~/notes/first.txt", note.map((text, first) => first(text), first));`,
    code: "E_ARGUMENT",
    line: 3,
    says: [/argument 1 behind the function is a function/, /define it inside of the function/],
    right: `const note = fs.read("~/notes/plan.md");
fs.write("~/notes/first.txt", note.map((text) => { const first = (t) => t.split("\\n")[0]; return first(text); }));`,
    happened: ({ file }) =>
      file("first.txt") === "Sell the harbour site before May." ? null : `first.txt is ${file("first.txt")}`,
  },
  {
    name: "print a result",
    wrong: `const note = fs.read("~/notes/plan.md");
print("characters:", note.map((text) => text.length));`,
    code: null,
    stdout: "characters: [sealed from file:~/notes/plan.md]\n",
    right: `const note = fs.read("~/notes/plan.md");
fs.write("~/notes/length.txt", \`characters: \${note.map((text) => text.length)}\`);`,
    happened: ({ file }) => (file("length.txt") === "characters: 1360" ? null : `length.txt is ${file("length.txt")}`),
  },
  {
    name: "which kind of key?",
    wrong: `const key = env.read("STRIPE_KEY");
const path = key.startsWith("sk_live_") ? "/v1/charges" : "/v1/test/charges";
const answer = net.httpGet(\`$API\${path}\`, { headers: { Authorization: \`Bearer \${key}\` } });
print(answer.status);`,
    code: "E_SEALED_METHOD",
    line: 2,
    says: [
      /"startsWith" is not available on a sealed value/,
      /use it as it is, since this secret can be used and not opened/,
    ],
    right: `const key = env.read("STRIPE_KEY");
const answer = net.httpGet("$API/v1/charges", { headers: { Authorization: \`Bearer \${key}\` } });
print(answer.status);`,
    stdout: "200\n",
  },
  {
    name: "compare a number",
    wrong: `const state = fs.readJson("~/notes/state.json");
if (Number(state.count) > 3) net.httpPost("$LOCAL/alarm", "many");`,
    code: "E_SEALED_METHOD",
    line: 2,
    says: [
      /arithmetic is not available on a sealed value/,
      /seal\.run\(\[value\], \(v, io\) => \{…\}\) where it decides/,
    ],
    right: `const state = fs.readJson("~/notes/state.json");
seal.run([state], (v, io, url) => {
  if (Number(v.count) > 3) io.net.httpPost(url, "many");
}, "$LOCAL/alarm");`,
    happened: ({ heard }) => (heard("LOCAL").some(({ body }) => `${body}` === "many") ? null : "no alarm"),
  },
  {
    name: "loop over a list",
    wrong: `const state = fs.readJson("~/notes/state.json");
for (const item of state.items) net.httpPost("$LOCAL/items", item);`,
    code: "E_SEALED_BRANCH",
    line: 2,
    says: [/\[sealed from file:~\/notes\/state\.json\], loop over it/, /seal\.run\(\[value\], \(v, io\) =>/],
    right: `const state = fs.readJson("~/notes/state.json");
seal.run([state.items], (items, io, url) => {
  for (const item of items) io.net.httpPost(url, item);
}, "$LOCAL/items");`,
    happened: ({ heard }) =>
      heard("LOCAL")
        .map(({ body }) => `${body}`)
        .join() === "Hafenstrasse,b"
        ? null
        : "other items were sent",
  },
  {
    name: "expect an exception",
    wrong: `try {
  const job = net.httpGet("$LOCAL/jobs/7");
  print("the job is there:", job.status);
} catch (error) {
  print("no such job");
}`,
    code: null,
    stdout: /^the job is there: \[sealed from host:localhost:\d+\]\n$/,
    right: `const job = net.httpGet("$LOCAL/jobs/7");
seal.run([job.status], (status, io, path) => {
  io.fs.write(path, status === 200 ? "the job is there" : "no such job");
}, "~/notes/job.txt");`,
    happened: ({ file }) => (file("job.txt") === "no such job" ? null : `job.txt is ${file("job.txt")}`),
  },
  {
    name: "a private file to a public host",
    wrong: `const note = fs.read("~/notes/plan.md");
net.httpPost("$PUBLIC/summarise", note);`,
    code: "E_SINK",
    line: 2,
    says: [
      /cannot send \[sealed file:~\/notes\/plan\.md\] to localhost:\d+: this host is public/,
      /local-only data may go to: files at .*notes\/\*\*, localhost:\d+$/m,
    ],
    right: `const note = fs.read("~/notes/plan.md");
net.httpPost("$LOCAL/summarise", note);`,
    happened: ({ heard }) => {
      if (heard("PUBLIC").length > 0) return "the public host was asked";
      return `${heard("LOCAL")[0]?.body}`.startsWith("Sell the harbour") ? null : "the note did not arrive";
    },
  },
  {
    name: "the key in the query string",
    wrong: `const key = env.read("STRIPE_KEY");
const answer = net.httpGet(\`$API/v1/charges?api_key=\${key}\`);
print(answer.status);`,
    code: "E_SLOT",
    line: 2,
    says: [
      /\[sealed secret:stripe\] may be used .* only as the header "authorization: Bearer …"/,
      /it is in the query string/,
    ],
    right: `const key = env.read("STRIPE_KEY");
const answer = net.httpGet("$API/v1/charges", { headers: { authorization: \`Bearer \${key}\` } });
print(answer.status);`,
    stdout: "200\n",
  },
  {
    name: "switch on a status",
    wrong: `const job = net.httpGet("$LOCAL/jobs/7");
switch (job.status) {
  case 200:
    break;
  default:
    fs.write("~/notes/failed.txt", "job 7 failed");
}`,
    code: "E_SEALED_BRANCH",
    line: 2,
    says: [/cannot branch on \[sealed from host:localhost:\d+\]/, /seal\.run\(\[value\], \(v, io\) =>/],
    right: `const job = net.httpGet("$LOCAL/jobs/7");
seal.run([job], (v, io) => {
  switch (v.status) {
    case 200:
      break;
    default:
      io.fs.write("~/notes/failed.txt", "job 7 failed");
  }
});`,
    happened: ({ file }) => (file("failed.txt") === "job 7 failed" ? null : "nothing was written"),
  },
];

function sentPrompt(heard, wanted) {
  const [asked] = heard("LOCAL");
  const prompt = asked === undefined ? null : JSON.parse(`${asked.body}`).prompt;
  return prompt === wanted ? null : `the prompt was ${JSON.stringify(prompt)}`;
}
