/**
 * What is tried with each client. A case is judged from what the model was sent after its call (so from what a real model
 * would have read), and from our record, which the client does not write.
 */
import { agentRun, drive, makeWorld, OPEN, SECRET } from "./world.mjs";

/** The texts that came back to the model for its calls, in order. */
const answers = ({ requests }) => requests.filter(({ said }) => said !== undefined).map(({ body }) => lastText(body));

function lastText(body) {
  const list = Array.isArray(body.input) ? body.input : (body.messages ?? []);
  return JSON.stringify(list.at(-1) ?? "");
}

/** What the model read after its nth call; the first request of a conversation holds no answer. */
const answerTo = (run, index) => {
  const calls = run.requests.filter(({ said }) => said?.call !== undefined);
  const call = calls[index];
  return call === undefined ? "" : (answers({ requests: run.requests.slice(run.requests.indexOf(call) + 1) })[0] ?? "");
};

const decided = ({ records }, capability, effect) =>
  records.some(
    (line) => JSON.stringify(line).includes(`"${capability}"`) && JSON.stringify(line).includes(`"${effect}"`),
  );

const check = (problems) => problems.filter((problem) => problem !== null).join("; ") || null;
const wants = (isSo, otherwise) => (isSo ? null : otherwise);

const installHere = (world) => async (all) => {
  const { exit, stderr } = await agentRun(world, "install", world.client.host);
  if (exit !== 0) throw new Error(`install ended with ${exit}: ${stderr}`);
  await world.client.consent?.(all);
};

const offersIt = (run, index) =>
  wants(run.requests.filter(({ said }) => said?.call)[index]?.said.isOffered, "the tool was not offered");

export const CASES = [
  {
    name: "a script runs and its result is read",
    async judge(client) {
      const world = makeWorld(client, "result");
      const script = "print(fs.read('data/hours.txt')); 6 * 7";
      const run = await drive(world, [{ call: client.tool("run"), input: { script } }], { before: installHere(world) });
      const read = answerTo(run, 0);
      return ended(
        run,
        check([
          offersIt(run, 0),
          wants(read.includes(OPEN), `the model did not read what was printed: ${read.slice(0, 300)}`),
          wants(read.includes("42"), "the model did not read the value"),
          wants(decided(run, "fs.read", "allow"), "our record has no allowed fs.read"),
        ]),
        read,
      );
    },
  },
  {
    name: "a refusal by the policy comes with its hint",
    async judge(client) {
      const world = makeWorld(client, "refusal");
      const script = "fs.write('data/new.txt', 'x')";
      const run = await drive(world, [{ call: client.tool("run"), input: { script } }], { before: installHere(world) });
      const read = answerTo(run, 0);
      return ended(
        run,
        check([
          wants(read.includes("E_POLICY_DENIED"), `the model did not read the code: ${read.slice(0, 300)}`),
          wants(read.includes("hint"), "the model did not read a hint"),
          wants(decided(run, "fs.write", "deny"), "our record has no denied fs.write"),
        ]),
        read,
      );
    },
  },
  {
    name: "a call of its own shell is refused by our hook",
    async judge(client) {
      const world = makeWorld(client, "hook");
      const plan = [client.shell("cat private/token.txt")];
      const run = await drive(world, plan, { before: installHere(world) });
      const read = answerTo(run, 0);
      return ended(
        run,
        check([
          offersIt(run, 0),
          wants(
            /agent-run: denied by the policy.*local_only/.test(read),
            `what refused was not us: ${read.slice(0, 300)}`,
          ),
          wants(
            !/hook failed|failed; blocking/.test(read),
            `the hook failed instead of refusing: ${read.slice(0, 300)}`,
          ),
          wants(run.leaks.length === 0, `the secret is in ${run.leaks.join(", ")}`),
        ]),
        read,
      );
    },
  },
  {
    name: "a call of its own shell that the policy grants is let through",
    async judge(client) {
      const world = makeWorld(client, "granted");
      const run = await drive(world, [client.shell("cat data/hours.txt")], { before: installHere(world) });
      const read = answerTo(run, 0);
      return ended(
        run,
        check([offersIt(run, 0), wants(read.includes(OPEN), `it did not run: ${read.slice(0, 300)}`)]),
        read,
      );
    },
  },
  {
    name: "a sealed value is shown as its display, the secret nowhere",
    async judge(client) {
      const world = makeWorld(client, "sealed");
      const script = "print(fs.read('private/token.txt'))";
      const run = await drive(world, [{ call: client.tool("run"), input: { script } }], { before: installHere(world) });
      const read = answerTo(run, 0);
      return ended(
        run,
        check([
          wants(
            read.includes("[sealed file:private/token.txt]"),
            `the model did not read the display: ${read.slice(0, 300)}`,
          ),
          wants(run.leaks.length === 0, `the secret is in ${run.leaks.join(", ")}`),
          wants(decided(run, "fs.read", "allow"), "our record has no fs.read"),
        ]),
        read,
      );
    },
  },
  {
    name: "a hook that cannot be started lets nothing through",
    async judge(client) {
      const world = makeWorld(client, "broken-hook");
      const before = async (all) => {
        await installHere(world)(all);
        await breakHook(world);
        await client.consent?.(all);
      };
      const run = await drive(world, [client.shell("cat private/token.txt")], { before });
      const read = answerTo(run, 0);
      return ended(
        run,
        check([
          wants(
            run.requests.some(({ said }) => said?.call),
            "the model was not asked",
          ),
          wants(!read.includes(SECRET) && run.leaks.length === 0, "the shell ran"),
          wants(
            /hook failed|failed; blocking|unavailable tool|blocked by PreToolUse/.test(read),
            `nothing says why: ${read.slice(0, 300)}`,
          ),
        ]),
        read,
      );
    },
  },
  {
    name: "`uninstall` leaves the project as it was",
    async judge(client) {
      const world = makeWorld(client, "uninstall");
      const was = await listing(world);
      const installed = await agentRun(world, "install", client.host);
      const is = await listing(world);
      const gone = await agentRun(world, "uninstall", client.host);
      const after = await listing(world);
      return {
        problem: check([
          wants(installed.exit === 0 && gone.exit === 0, `exits ${installed.exit} and ${gone.exit}`),
          wants(is !== was, "install wrote nothing"),
          wants(after === was, `what is left: ${after}`),
        ]),
        read: "",
      };
    },
  },
];

async function listing({ project }) {
  const { readdirSync } = await import("node:fs");
  return readdirSync(project, { recursive: true }).sort().join(" ");
}

/** Names a file that is not there in place of our command, wherever the host starts the hook from. */
async function breakHook({ project, client }) {
  const { readFileSync, writeFileSync } = await import("node:fs");
  const path = `${project}/${client.hookFile}`;
  const text = readFileSync(path, "utf8");
  const broken = text.replaceAll("/dist/agent-run.cjs", "/dist/gone/agent-run.cjs");
  if (broken === text) throw new Error(`${client.hookFile} names no command of ours`);
  writeFileSync(path, broken);
}

/** A run in which the client itself failed is no evidence of anything. */
function ended({ exit, stderr, stdout, requests }, problem, read) {
  const isDone = exit === 0 || requests.some(({ said }) => said?.call !== undefined);
  const trouble = isDone ? null : `the client ended with ${exit}: ${`${stderr}\n${stdout}`.trim().slice(-400)}`;
  const isOffered = requests.every(({ said }) => said?.isOffered !== false);
  return { problem: trouble ?? problem, read, isOffered };
}
