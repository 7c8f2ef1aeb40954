const note = fs.read("~/notes/plan.md");
const answer = net.httpPost("http://localhost:11434/api/generate", {
  model: "qwen2.5",
  stream: false,
  prompt: `Summarise this note in three bullets:\n${note}`,
});
fs.write("~/notes/plan.summary.md", answer.json().response);
print(`summary of ${note} written`);
