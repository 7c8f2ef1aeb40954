/** What is wrong with one natural mistake and its correction; null where all is as it should be. */

export async function judge(world, entry) {
  return (await judgeWrong(world, entry)) ?? (await judgeRight(world, entry));
}

async function judgeWrong(world, { wrong, code, line, says = [], stdout }) {
  const { report, text } = await world.run(wrong);
  const leaked = world.leaked(text);
  if (leaked !== null) return `wrong script: ${leaked} is in the report`;
  const found = report.error?.code ?? null;
  if (found !== code) return `wrong script: ${found} instead of ${code}: ${report.error?.message}`;
  if (code === null) return isPrinted(report, stdout) ? null : `wrong script: printed ${JSON.stringify(report.stdout)}`;
  const { message, hint = "" } = report.error;
  const missing = says.find((pattern) => !pattern.test(`${message}\n${hint}`));
  if (missing !== undefined) return `wrong script: nothing says ${missing}: ${message}; ${hint}`;
  return report.error.line === line ? null : `wrong script: line ${report.error.line} instead of ${line}`;
}

async function judgeRight(world, { right, code, stdout, happened }) {
  const { report, text } = await world.run(right);
  const leaked = world.leaked(text);
  if (leaked !== null) return `right script: ${leaked} is in the report`;
  if (report.error !== null) return `right script: ${report.error.code}: ${report.error.message}`;
  if (code !== null && stdout !== undefined && !isPrinted(report, stdout))
    return `right script: printed ${JSON.stringify(report.stdout)}`;
  const problem = happened?.(world) ?? null;
  return problem === null ? null : `right script: ${problem}`;
}

const isPrinted = (report, wanted) =>
  typeof wanted === "string" ? report.stdout === wanted : wanted.test(report.stdout);
