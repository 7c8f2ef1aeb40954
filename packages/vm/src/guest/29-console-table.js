/*
 * console.table: rows of an array, object, Map or Set as a table with lines around its cells, as Node draws it.
 */

const { inspect, inspecting, take } = kernel;
const { MapPrototypeForEach, SetPrototypeForEach } = kernel.primordials;
const INDEX = "(index)";
const ITERATION = "(iteration index)";
const VALUES = "Values";

const cell = (value) => {
  const depth =
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 2 ? -1 : 0;
  return inspect(value, { maxArrayLength: 3, breakLength: Infinity, depth });
};

const rowsOf = (data) => {
  const kind = inspecting.kindOf(data);
  const rows = [];
  if (kind === "map") {
    MapPrototypeForEach(data, (value, key) => rows.push([`${rows.length}`, { Key: key, [VALUES]: value }]));
    return { rows, index: ITERATION, flat: true };
  }
  if (kind === "set") {
    SetPrototypeForEach(data, (value) => rows.push([`${rows.length}`, value]));
    return { rows, index: ITERATION, flat: false };
  }
  for (const key of Object.keys(data)) rows.push([key, data[key]]);
  return { rows, index: INDEX, flat: false };
};

/** A Sealed is one cell, too. */
const isPrimitive = (value) =>
  value === null || (typeof value !== "object" && typeof value !== "function") || kernel.seals.is(value);

/** Column name to its cells by row number; primitives have a column of their own. */
const columnsOf = (rows, wanted) => {
  const columns = new Map();
  const own = [];
  rows.forEach(([, value], row) => {
    if (isPrimitive(value)) {
      own[row] = cell(value);
      return;
    }
    for (const key of wanted ?? Object.keys(value)) {
      if (!columns.has(key)) columns.set(key, []);
      if (Object.hasOwn(value, key)) columns.get(key)[row] = cell(value[key]);
    }
  });
  if (own.length > 0) columns.set(VALUES, own);
  return columns;
};

const drawn = (head, columns, count) => {
  const widths = head.map((name, column) => {
    const texts = columns[column];
    let widest = inspecting.width(name);
    for (let row = 0; row < count; row++) widest = Math.max(widest, inspecting.width(texts[row] ?? ""));
    return widest + 2;
  });
  const rule = (left, middle, right) => `${left}${widths.map((size) => "─".repeat(size)).join(middle)}${right}`;
  const line = (cells) => {
    const padded = cells.map((text, at) => ` ${text}${" ".repeat(widths[at] - inspecting.width(text) - 1)}`);
    return `│${padded.join("│")}│`;
  };
  const lines = [rule("┌", "┬", "┐"), line(head), rule("├", "┼", "┤")];
  for (let row = 0; row < count; row++) lines.push(line(columns.map((texts) => texts[row] ?? "")));
  return [...lines, rule("└", "┴", "┘")].join("\n");
};

/** The drawn table, or undefined for what is no table (a primitive). */
kernel.table = (data, wanted) => {
  if (isPrimitive(data)) return undefined;
  const names = wanted === undefined ? undefined : take.strings(wanted, "console.table", "columns");
  const { rows, index, flat } = rowsOf(data);
  const columns = flat
    ? new Map(["Key", VALUES].map((name) => [name, rows.map(([, value]) => cell(value[name]))]))
    : columnsOf(rows, names);
  const head = [index, ...columns.keys()];
  return drawn(head, [rows.map(([key]) => key), ...columns.values()], rows.length);
};
