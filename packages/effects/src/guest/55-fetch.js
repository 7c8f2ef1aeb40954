/*
 * fetch: the asynchronous form of a request; several run at once. It asks the host through the same operation as
 * `net.request`, so nothing is decided here. An abort ends the script's wait; the host ends the request by its own limits.
 */

const { bytes, headers, seals, signals, take } = kernel;
const INIT = ["method", "headers", "body", "signal", "redirect", "timeoutMs"];
const REASONS = {
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  206: "Partial Content",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  410: "Gone",
  422: "Unprocessable Entity",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};
const KEY = Symbol("made by the runtime");

class Response {
  #answer;
  #headers;
  #used = false;

  constructor(key = undefined, answer = undefined) {
    if (key !== KEY) throw new TypeError("a Response comes from `fetch`");
    this.#answer = answer;
    this.#headers = new headers.Headers(answer.headers);
  }

  get status() {
    return this.#answer.status;
  }

  get statusText() {
    return REASONS[this.#answer.status] ?? "";
  }

  get ok() {
    return this.#answer.status >= 200 && this.#answer.status <= 299;
  }

  get url() {
    return this.#answer.url;
  }

  get redirected() {
    return this.#answer.redirected === true;
  }

  get type() {
    return "basic";
  }

  get headers() {
    return this.#headers;
  }

  /** All of it as text, as of the other calls' responses: there are no streams here. */
  get body() {
    return textOf(this.#answer);
  }

  get bodyUsed() {
    return this.#used;
  }

  async text() {
    return withoutBom(textOf(this.#consume()));
  }

  async json() {
    const answer = this.#consume();
    return kernel.parseJson(textOf(answer), `the response of \`${take.shown(answer.url)}\``);
  }

  async bytes() {
    const { body, base64 } = this.#consume();
    return base64 ? bytes.fromBase64(body) : bytes.utf8Encode(body);
  }

  async arrayBuffer() {
    return (await this.bytes()).buffer;
  }

  clone() {
    if (this.#used) throw new TypeError("the body was already read");
    return new Response(KEY, this.#answer);
  }

  #consume() {
    if (this.#used) throw new TypeError("the body was already read; keep its text, or use clone()");
    this.#used = true;
    return this.#answer;
  }

  [Symbol.for("nodejs.util.inspect.custom")](_depth, options, inspect) {
    const { status, statusText, ok, url, headers: fields } = this;
    return `Response ${inspect({ status, statusText, ok, url, headers: fields, bodyUsed: this.#used }, options)}`;
  }
}

const textOf = ({ body, base64 }) => (base64 ? bytes.utf8Decode(bytes.fromBase64(body)) : body);

const withoutBom = (text) => (text.startsWith("\ufeff") ? text.slice(1) : text);

/** What is asked for: the second argument wins over a Request-like first one. */
const readRequest = (input, init) => {
  const isAddress = typeof input === "string" || kernel.isUrl(input) || seals.is(input);
  if (!isAddress && (typeof input !== "object" || input === null))
    return take.wrong("fetch", "url", "a string or URL", input);
  const first = isAddress ? Object.create(null) : take.pick(input, ["url", ...INIT]);
  if (init !== undefined && init !== null && typeof init !== "object") take.wrong("fetch", "init", "an object", init);
  const given = { ...first, ...take.pick(init ?? {}, INIT) };
  const { args, type } = kernel.requestBody(given.body, "fetch");
  return {
    signal: signalOf(given.signal),
    redirect: given.redirect === undefined ? "follow" : take.oneOf(given.redirect, "fetch", "redirect", REDIRECTS),
    request: {
      method: given.method === undefined ? "GET" : take.text(given.method, "fetch", "method").toUpperCase(),
      url: isAddress ? take.url(input, "fetch", "url") : take.url(first.url, "fetch", "url"),
      headers: kernel.withType(headers.headerPairs(given.headers, "fetch"), type),
      ...args,
      timeoutMs: take.optionalMilliseconds(given.timeoutMs, "fetch", "timeoutMs"),
    },
  };
};
const REDIRECTS = ["follow", "manual", "error"];

const signalOf = (signal) => {
  if (signal === undefined || signal === null) return undefined;
  return signals.is(signal) ? signal : take.wrong("fetch", "signal", "an AbortSignal", signal);
};

/** The answer, or the signal's reason if that comes first. */
const started = (request, signal) => {
  if (signal === undefined) return kernel.start("net.request", request);
  signal.throwIfAborted();
  const timeoutMs = Math.min(request.timeoutMs ?? Infinity, signals.milliseconds(signal) ?? Infinity);
  const limited = timeoutMs === Infinity ? request : { ...request, timeoutMs };
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signals.listen(signal, onAbort);
    const over = (settle) => (value) => {
      signals.unlisten(signal, onAbort);
      settle(value);
    };
    kernel.start("net.request", limited).then(over(resolve), over(reject));
  });
};

const fetch = async (input, init = undefined) => {
  const { request, signal, redirect } = readRequest(input, init);
  const answer = await started(request, signal);
  if (seals.is(answer)) return answer;
  if (redirect === "error" && answer.status >= 300 && answer.status <= 399 && answer.status !== 304) {
    return kernel.throwError("E_NETWORK", `\`${take.shown(answer.url)}\` answered with a redirect`, {
      capability: "net.http_get",
      target: answer.url,
      hint: 'leave out `redirect: "error"` to get the answer with its `location`',
    });
  }
  return new Response(KEY, answer);
};

kernel.native("fetch", 1, fetch);
kernel.net.fetch = fetch;
kernel.tagged(Response, "Response");
kernel.inspecting.named(Response);
kernel.harden(Response);
kernel.define("fetch", fetch);
