/*
 * net: synchronous requests. A body that is an object goes out as JSON; what comes in is text, or base64 where the bytes
 * are no text. Nothing is followed, cached or remembered here.
 */

const { bytes, headers, seals, take } = kernel;
const OPTIONS = ["headers", "timeoutMs", "responseType"];
const TYPES = ["text", "json", "base64"];

/** `{body}` or `{bodyBase64}` and the content type it implies. */
kernel.requestBody = (body, call) => {
  if (body === undefined || body === null) return { args: {}, type: undefined };
  if (typeof body === "string" || seals.is(body)) {
    return { args: { body: `${body}` }, type: "text/plain;charset=UTF-8" };
  }
  const view = bytes.view(body);
  if (view !== null) {
    const { text, base64 } = seals.payload(view);
    return { args: text === undefined ? { bodyBase64: base64 } : { body: text }, type: undefined };
  }
  if (kernel.query.is(body)) {
    return { args: { body: `${body}` }, type: "application/x-www-form-urlencoded;charset=UTF-8" };
  }
  if (typeof body === "function" || typeof body === "symbol" || body instanceof Promise) {
    return take.wrong(call, "body", "text, bytes or data that JSON can hold", body);
  }
  return { args: { body: jsonBody(body, call) }, type: "application/json" };
};

const jsonBody = (body, call) => {
  let text;
  try {
    text = JSON.stringify(body);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return take.refuse(`\`body\` of \`${call}\` can not be sent as JSON: ${error.message}`);
  }
  return text ?? take.refuse(`\`body\` of \`${call}\` can not be sent as JSON`);
};

/** Adds the content type unless the script gave one. */
kernel.withType = (pairs, type) =>
  type === undefined || pairs.some(([name]) => name.toLowerCase() === "content-type")
    ? pairs
    : [...pairs, ["content-type", type]];

const send = (call, method, url, body, options) => {
  const given = take.options(options, call, OPTIONS);
  const { args, type } = kernel.requestBody(body, call);
  const responseType =
    given.responseType === undefined ? "text" : take.oneOf(given.responseType, call, "responseType", TYPES);
  const answer = kernel.call("net.request", {
    method,
    url,
    headers: kernel.withType(headers.headerPairs(given.headers, call), type),
    ...args,
    timeoutMs: take.optionalMilliseconds(given.timeoutMs, call, "timeoutMs"),
  });
  return seals.is(answer) ? seals.bodyAs(answer, responseType) : responseOf(answer, responseType);
};

const textOf = ({ body, base64 }) => (base64 ? bytes.utf8Decode(bytes.fromBase64(body)) : body);

const parsed = (answer) => kernel.parseJson(textOf(answer), `the response of \`${take.shown(answer.url)}\``);

const bodyAs = (answer, type) => {
  if (type === "json") return parsed(answer);
  if (type === "text") return textOf(answer);
  return answer.base64 ? answer.body : bytes.toBase64(bytes.utf8Encode(answer.body));
};

/** Methods of a synchronous response; not own properties, so that a response is plain data. */
const answers = new WeakMap();
const ResponsePrototype = {
  text() {
    return textOf(answers.get(this));
  },
  json() {
    return parsed(answers.get(this));
  },
};
for (const key of Object.keys(ResponsePrototype)) {
  Object.defineProperty(ResponsePrototype, key, { enumerable: false });
}

const responseOf = (answer, type) => {
  const response = Object.create(ResponsePrototype);
  answers.set(response, answer);
  return Object.assign(response, {
    status: answer.status,
    ok: answer.status >= 200 && answer.status <= 299,
    url: answer.url,
    headers: headers.plainFields(answer.headers),
    body: bodyAs(answer, type),
  });
};

const withoutBody = (name, method) =>
  kernel.native(name, 1, (url, options = undefined) => {
    const call = `net.${name}`;
    return send(call, method, take.url(url, call, "url"), undefined, options);
  });

const withBody = (name, method) =>
  kernel.native(name, 2, (url, body = undefined, options = undefined) => {
    const call = `net.${name}`;
    return send(call, method, take.url(url, call, "url"), body, options);
  });

const request = (options) => {
  const call = "net.request";
  if (typeof options !== "object" || options === null) {
    return take.wrong(call, "options", "an object", options, 'net.request({ method: "GET", url })');
  }
  const given = take.options(options, call, ["method", "url", "body", ...OPTIONS]);
  const method = given.method === undefined ? "GET" : take.text(given.method, call, "method").toUpperCase();
  const url = take.url(given.url, call, "url");
  return send(call, method, url, given.body, take.pick(given, OPTIONS));
};

kernel.net = {
  httpGet: withoutBody("httpGet", "GET"),
  httpHead: withoutBody("httpHead", "HEAD"),
  httpDelete: withoutBody("httpDelete", "DELETE"),
  httpPost: withBody("httpPost", "POST"),
  httpPut: withBody("httpPut", "PUT"),
  httpPatch: withBody("httpPatch", "PATCH"),
  request: kernel.native("request", 1, request),
};
kernel.harden(ResponsePrototype);
kernel.define("net", kernel.net);
