/** `npm run example NAME`: plays one of the examples that need servers. */
import { play } from "../examples/play.mjs";
import { STORIES } from "../examples/stories.mjs";

const [name = ""] = process.argv.slice(2);
if (Object.hasOwn(STORIES, name)) {
  const { code, stdout, stderr, happened } = await play(name);
  console.error(`$ agent-run --policy policy.toml script.js`);
  process.stderr.write(stderr);
  process.stdout.write(stdout);
  console.error(`exit ${code}; afterwards: ${JSON.stringify(happened)}`);
} else {
  console.error(`usage: npm run example ${Object.keys(STORIES).join("|")}`);
  process.exitCode = 2;
}
