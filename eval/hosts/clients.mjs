/**
 * The clients that are driven: which versions, how each is told of the model, what its tools are called, and how a person's
 * consent (trust in the project, review of the hook) is given in its files, since nobody sits before it here.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../.eval-hosts/clients", import.meta.url));
const bin = (name) => join(FOLDER, "node_modules/.bin", name);

export const CLIENTS = [
  {
    host: "claude-code",
    package: "@anthropic-ai/claude-code",
    version: "2.1.332",
    program: bin("claude"),
    words: ["-p", "go", "--output-format", "json"],
    tool: (name) => `mcp__agent-run__${name}`,
    shell: (command) => ({ call: "Bash", input: { command, description: "look" } }),
    fetch: (url) => ({ call: "WebFetch", input: { url, prompt: "what does it say?" } }),
    environment: ({ model }) => ({
      ANTHROPIC_BASE_URL: model,
      ANTHROPIC_API_KEY: "none",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_AUTOUPDATER: "1",
    }),
    prepare({ home, project }) {
      const state = { hasCompletedOnboarding: true, projects: { [project]: { hasTrustDialogAccepted: true } } };
      writeFileSync(join(home, ".claude.json"), JSON.stringify(state));
    },
    hookFile: ".claude/settings.json",
  },
  {
    host: "codex",
    package: "@openai/codex",
    version: "0.171.0",
    program: bin("codex"),
    words: ["exec", "--skip-git-repo-check", "--json", "go"],
    tool: (name) => `mcp__agent_run__${name}`,
    shell: (command) => ({ call: "exec_command", input: { cmd: command } }),
    fetch: null,
    environment: ({ home }) => ({ CODEX_HOME: join(home, ".codex"), MODEL_KEY: "none" }),
    prepare({ home, project, model }) {
      mkdirSync(join(home, ".codex"), { recursive: true });
      const lines = [
        'model = "scripted"',
        'model_provider = "scripted"',
        // Its own sandbox would be in the way of seeing what the hook alone refuses.
        'sandbox_mode = "danger-full-access"',
        "[model_providers.scripted]",
        'name = "scripted"',
        `base_url = ${JSON.stringify(`${model}/v1`)}`,
        'wire_api = "responses"',
        'env_key = "MODEL_KEY"',
        `[projects.${JSON.stringify(project)}]`,
        'trust_level = "trusted"',
      ];
      writeFileSync(join(home, ".codex/config.toml"), `${lines.join("\n")}\n`);
    },
    async consent(world) {
      const hooks = await codexHooks(world);
      const lines = hooks.flatMap(({ key, currentHash }) => [
        `[hooks.state.${JSON.stringify(key)}]`,
        `trusted_hash = ${JSON.stringify(currentHash)}`,
      ]);
      const path = join(world.home, ".codex/config.toml");
      const before = readFileSync(path, "utf8").split("[hooks.state")[0];
      writeFileSync(path, `${before}${lines.join("\n")}\n`);
    },
    hookFile: ".codex/hooks.json",
  },
  {
    host: "opencode",
    package: "opencode-ai",
    version: "1.18.33",
    program: bin("opencode"),
    words: ["run", "--format", "json", "go"],
    tool: (name) => `agent-run_${name}`,
    shell: (command) => ({ call: "bash", input: { command, description: "look" } }),
    fetch: (url) => ({ call: "webfetch", input: { url, format: "text" } }),
    // It fetches a package for its plugins, and tries for minutes where there is no network: the model says that there is none.
    environment: ({ model }) => ({
      NPM_CONFIG_REGISTRY: model,
      OPENCODE_DISABLE_AUTOUPDATE: "1",
      OPENCODE_DISABLE_MODELS_FETCH: "1",
    }),
    prepare({ home, model }) {
      const directory = join(home, ".config/opencode");
      mkdirSync(directory, { recursive: true });
      const provider = {
        npm: "@ai-sdk/openai-compatible",
        name: "scripted",
        options: { baseURL: `${model}/v1`, apiKey: "none" },
        models: { scripted: { name: "scripted" } },
      };
      const config = { model: "scripted/scripted", small_model: "scripted/scripted", provider: { scripted: provider } };
      writeFileSync(join(directory, "opencode.json"), JSON.stringify(config));
    },
    hookFile: ".opencode/plugin/agent-run.js",
  },
];

/** Installs what is not there in its version. Gives, by host, what is wrong with it, or null. */
export async function installClients(clients) {
  mkdirSync(FOLDER, { recursive: true });
  if (!existsSync(join(FOLDER, "package.json"))) {
    writeFileSync(
      join(FOLDER, "package.json"),
      '{ "private": true, "description": "clients that eval:hosts drives" }\n',
    );
  }
  const problems = {};
  for (const client of clients) {
    if (installedVersion(client) !== client.version) {
      const name = `${client.package}@${client.version}`;
      const { code, output } = await run(
        "npm",
        ["install", "--no-audit", "--no-fund", "--save-exact", name],
        FOLDER,
        600_000,
      );
      if (code !== 0) problems[client.host] = `npm install ${name}: ${output.trim().split("\n").at(-1)}`;
    }
    problems[client.host] ??= existsSync(client.program) ? null : "installed, but it has no program for this platform";
  }
  return problems;
}

function installedVersion({ package: name }) {
  try {
    return JSON.parse(readFileSync(join(FOLDER, "node_modules", name, "package.json"), "utf8")).version;
  } catch {
    return null;
  }
}

function run(program, words, cwd, patience) {
  return new Promise((resolve) => {
    const child = spawn(program, words, { cwd, stdio: ["ignore", "pipe", "pipe"], timeout: patience });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
    child.on("error", (error) => resolve({ code: -1, output: error.message }));
    child.on("close", (code) => resolve({ code, output }));
  });
}

/** What Codex itself says of the hooks that it found, over its app server. */
function codexHooks({ project, environment, client, wrapped }) {
  const [program, ...words] = wrapped([client.program, "app-server"]);
  const child = spawn(program, words, { cwd: project, env: environment, stdio: ["pipe", "pipe", "ignore"] });
  const send = (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  child.stdin.on("error", () => {});
  return new Promise((resolve, reject) => {
    const clock = setTimeout(() => child.kill("SIGKILL"), 30_000);
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (more) => {
      text += more;
      const lines = text.split("\n");
      text = lines.pop();
      for (const line of lines.filter((one) => one.startsWith("{"))) {
        const { id, result } = JSON.parse(line);
        if (id === 1) {
          send({ method: "initialized" });
          send({ id: 2, method: "hooks/list", params: { cwds: [project] } });
        }
        if (id !== 2) continue;
        resolve(result.data.flatMap(({ hooks }) => hooks));
        child.stdin.end();
        child.kill();
      }
    });
    child.on("close", () => {
      clearTimeout(clock);
      reject(new Error("codex app-server did not list its hooks"));
    });
    send({ id: 1, method: "initialize", params: { clientInfo: { name: "eval-hosts", version: "1" } } });
  });
}
