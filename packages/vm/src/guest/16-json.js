/*
 * JSON texts from outside (files, responses): parsed with an error that says what was read, and where it is wrong.
 */

const BOM = "\ufeff";

/** Throws E_ARGUMENT that names `what`, line and column. */
kernel.parseJson = (text, what, extra) => {
  if (kernel.seals.is(text)) return kernel.seals.as(kernel.seals.token(text), "json");
  try {
    return JSON.parse(text.startsWith(BOM) ? text.slice(1) : text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const place = /<input>:(\d+):(\d+)/.exec(error.stack);
    const where = place === null ? "" : ` at line ${place[1]}, column ${place[2]}`;
    const why = text.trim() === "" ? "it is empty" : `${error.message}${where}`;
    return kernel.throwError("E_ARGUMENT", `${what} is not valid JSON: ${why}`, extra);
  }
};
