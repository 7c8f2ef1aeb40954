/*
 * Puts members on lines as Node does: short values on one line of at most 72 columns, long arrays of short elements in
 * aligned columns, all else one member a line.
 */

const { inspecting } = kernel;
const SEPARATOR = 2; // ", "
const MOST_COLUMNS = 15;
const HEIGHT_PER_WIDTH = 2.5; // a character is about that much taller than wide

const fits = (view, output, start, base) => {
  let total = output.length + start;
  if (total + output.length > view.breakLength) return false;
  for (const text of output) {
    total += text.length;
    if (total > view.breakLength) return false;
  }
  return base === "" || !base.includes("\n");
};

/** How many columns look best, or 1. */
const columnsFor = (view, total, longest, entries) => {
  const widest = longest + SEPARATOR;
  if (widest * 3 + view.indentation >= view.breakLength) return 1;
  if (total / widest <= 5 && longest > 6) return 1;
  const biased = Math.max(widest - 3 - Math.sqrt(widest - total / entries.all), 1);
  return Math.min(
    Math.round(Math.sqrt(HEIGHT_PER_WIDTH * biased * entries.shown) / biased),
    Math.floor((view.breakLength - view.indentation) / widest),
    view.compact * 4,
    MOST_COLUMNS,
  );
};

const columnWidths = (widths, columns) => {
  const out = [];
  for (let column = 0; column < columns; column++) {
    let widest = 0;
    for (let index = column; index < widths.length; index += columns) widest = Math.max(widest, widths[index]);
    out.push(widest + SEPARATOR);
  }
  return out;
};

const row = (texts, widths, sizes, right) => {
  let line = "";
  texts.forEach((text, at) => {
    const last = at === texts.length - 1;
    const cell = last ? text : `${text}, `;
    const gap = " ".repeat(Math.max(0, sizes[at] - widths[at] - SEPARATOR));
    line += right ? gap + cell : last ? cell : cell + gap;
  });
  return line;
};

/** Groups more than six elements into rows of columns; numbers line up at the right. */
const grouped = (view, output, value) => {
  const truncated = view.maxArrayLength < output.length;
  const shown = truncated ? output.length - 1 : output.length;
  const widths = [];
  let total = 0;
  let longest = 0;
  for (let index = 0; index < shown; index++) {
    const columns = inspecting.width(output[index]);
    widths.push(columns);
    total += columns + SEPARATOR;
    longest = Math.max(longest, columns);
  }
  const columns = columnsFor(view, total, longest, { all: output.length, shown });
  if (columns <= 1) return output;
  const sizes = columnWidths(widths, columns);
  const right = value !== undefined && allNumbers(value, output.length);
  const lines = [];
  for (let index = 0; index < shown; index += columns) {
    const end = Math.min(index + columns, shown);
    lines.push(row(output.slice(index, end), widths.slice(index, end), sizes, right));
  }
  if (truncated) lines.push(output[shown]);
  return lines;
};

const allNumbers = (value, length) => {
  for (let index = 0; index < length; index++) {
    const type = typeof value[index];
    if (type !== "number" && type !== "bigint") return false;
  }
  return true;
};

const joined = (view, members, base, braces, isArray, depth, value) => {
  const head = base === "" ? "" : `${base} `;
  const break_ = `\n${" ".repeat(view.indentation)}`;
  if (view.compact === true) {
    if (fits(view, members, 0, base)) {
      return `${braces[0]}${base === "" ? "" : ` ${base}`} ${members.join(", ")} ${braces[1]}`;
    }
    const lead = base === "" && braces[0].length === 1 ? " " : `${base === "" ? "" : ` ${base}`}\n${break_}  `;
    return `${braces[0]}${lead}${members.join(`,${break_}  `)} ${braces[1]}`;
  }
  let output = members;
  if (typeof view.compact === "number" && view.compact >= 1) {
    if (isArray && members.length > 6) output = grouped(view, members, value);
    if (view.deepest - depth < view.compact && output === members) {
      const start = members.length + view.indentation + braces[0].length + base.length + 10;
      if (fits(view, members, start, base)) {
        const line = members.join(", ");
        if (!line.includes("\n")) return `${head}${braces[0]} ${line} ${braces[1]}`;
      }
    }
  }
  return `${head}${braces[0]}${break_}  ${output.join(`,${break_}  `)}${break_}${braces[1]}`;
};

inspecting.joined = joined;
