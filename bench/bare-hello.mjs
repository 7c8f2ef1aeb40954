import { bareEngine } from "./bare-engine.mjs";

process.stdout.write(`${(await bareEngine()).fresh("1")}\n`);
