/** What people do with a policy before it applies: analyse, lint, test, convert, learn. Pure; loaded on demand. */
export type { PolicyChecks } from "@agent-run/policy";
export {
  type Asked,
  type Difference,
  type Differences,
  differences,
  type Need,
  needs,
  type Possibilities,
  type Possibility,
  possible,
  type Question,
  type Unknown,
} from "./analysis/regions.ts";
