/** Starts the status server of the first example on loopback and runs the example against it. */
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const server = createServer((request, response) => {
  response.setHeader("content-type", "application/json");
  response.statusCode = request.url === "/status" ? 200 : 404;
  response.end(JSON.stringify({ state: request.url === "/status" ? "green" : "unknown" }));
});
server.listen(0, "127.0.0.1", () => {
  const example = "examples/first-run";
  const url = `http://127.0.0.1:${server.address().port}`;
  const args = [
    "dist/agent-run.cjs",
    "--policy",
    `${example}/policy.toml`,
    "--root",
    ".",
    `${example}/script.js`,
    "--",
    url,
  ];
  console.error(`$ agent-run ${args.slice(1).join(" ")}`);
  const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
  child.once("close", (code) => {
    server.close();
    process.exitCode = code ?? 1;
  });
});
