/** `npm run eval:exfiltration`: every technique with every secret; exit 1 if what can be seen depends on one. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { measureCapacity } from "./capacity.mjs";
import { page } from "./markdown.mjs";
import { isWanted, readOptions, USAGE } from "./options.mjs";
import { hasJail } from "./policies.mjs";
import { judgeAll, totalsOf } from "./suite.mjs";
import { techniques } from "./techniques/index.mjs";

const PAGE = fileURLToPath(new URL("../../docs/exfiltration.md", import.meta.url));
const options = readOptions(process.argv.slice(2));
const wanted = techniques().filter((technique) => isWanted(technique, options.only));
const list = options.list || hasJail() ? wanted : wanted.filter(({ policy }) => policy !== "jailed");
if (list.length < wanted.length)
  console.error(`no jail works here: ${wanted.length - list.length} techniques left out`);

if (options.help) console.log(USAGE);
else if (options.list)
  for (const { id, title, rows, via } of list) console.log(`${id} [${rows}] ${via.join(" ")}: ${title}`);
else if (options.capacity) await capacity();
else if (options.markdown) await markdown();
else await suite();

async function suite() {
  const onResult = options.json ? () => {} : (result) => console.log(lineOf(result));
  const results = await judgeAll(list, { ...options, onResult });
  console.log(options.json ? JSON.stringify({ totals: totalsOf(results), results }) : totalsOf(results));
  process.exitCode = isProof(results) ? 0 : 1;
}

async function markdown() {
  const onResult = (result) => console.log(`${result.mode} ${lineOf(result)}`);
  const sealed = await judgeAll(list, { ...options, mode: "sealed", onResult });
  const redacted = await judgeAll(list, { ...options, mode: "redact", onResult });
  const isWhole = options.only.length === 0 && options.via === undefined && options.secrets === Infinity;
  writeFileSync(PAGE, page(list, sealed, redacted, isWhole));
  console.log(`sealed: ${totalsOf(sealed)}\nredact: ${totalsOf(redacted)}`);
  process.exitCode = isProof(sealed) ? 0 : 1;
}

async function capacity() {
  const { secrets, transcripts, bound, late } = await measureCapacity(options);
  console.log(`${secrets} secrets, ${transcripts} transcripts, at most ${bound}; latest ${late} ms behind its tick`);
  process.exitCode = transcripts <= bound ? 0 : 1;
}

/** In the other modes leaks are what is measured; in sealed mode one is a failure, and so is what proves nothing. */
function isProof(results) {
  return results.every(({ verdict, mode }) => mode !== "sealed" || verdict === "identical");
}

function lineOf({ verdict, id, via, rows, ending, problem, difference, unsteady }) {
  const rowText = rows.length === 0 ? "" : ` (row ${rows.join(", ")})`;
  const head = `${verdict.padEnd(10)} ${id}/${via}${rowText}`;
  if (problem !== undefined) return `${head}: ${problem}`;
  if (difference !== undefined) return `${head}: ${differenceText(difference)}`;
  return `${head}: ${ending}${unsteady ? ", looked at again" : ""}`;
}

function differenceText({ section, secret, spelling, at, one, other }) {
  if (spelling !== undefined) return `${section} holds the secret (${spelling}), ${secret}`;
  return `${section} at ${at}, ${secret}: ${JSON.stringify(one)} and ${JSON.stringify(other)}`;
}
