/** Words of other tools for what conditions are made of: for hints, never read as what they mean. */

/** What other tools call attributes. */
export const MEANT_ATTRIBUTES: Readonly<Record<string, string>> = {
  size: "bytes",
  length: "bytes",
  file: "path",
  url: "url_path",
  domain: "host",
  args: "argv",
  user: "actor",
  time: "now",
};

/** What other tools call operators. */
export const MEANT_OPERATORS: Readonly<Record<string, string>> = {
  "==": "eq",
  "=": "eq",
  "!=": "ne",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
  is: "eq",
  like: "glob",
  match: "regex",
  min: "ge",
  max: "le",
  lte: "le",
  gte: "ge",
  equals: "eq",
  neq: "ne",
  nin: "not_in",
  startswith: "starts_with",
  endswith: "ends_with",
  matches: "regex",
};
