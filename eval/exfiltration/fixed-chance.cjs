/**
 * Loaded before an MCP server, to which no seed can be given: its tokens and its scripts' chance are then the same in
 * every session, and those of `--seed 7`, so that frames can be compared byte by byte. Ids of runs stay what they are.
 */
const crypto = require("node:crypto");

const { randomBytes, randomInt } = crypto;
/** Of a token (`runtime/src/sealing/tokens.ts`). */
const TOKEN_BYTES = 16;
let count = 0;

crypto.randomBytes = (size, ...rest) => {
  if (size !== TOKEN_BYTES || rest.length > 0) return randomBytes(size, ...rest);
  count += 1;
  return crypto.createHmac("sha256", "agent-run sealed tokens").update(`7:${count}`).digest().subarray(0, size);
};
/** Of a run's seed (`runtime/src/runtime.ts`). */
crypto.randomInt = (max, ...rest) => (max === 2 ** 32 && rest.length === 0 ? 7 : randomInt(max, ...rest));

/** The threads of the server get no options of its own. */
const threads = require("node:worker_threads");

threads.Worker = class extends threads.Worker {
  constructor(file, options) {
    super(file, { ...options, execArgv: ["--require", __filename] });
  }
};
