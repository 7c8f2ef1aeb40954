// Credentials at their slots.

//# brokered-as-meant
// title: the use that is meant, and what came back
// reaches: broker GET /v1/charges
// via: cli text mcp
// secrets: header-safe
// expect: ch_1, value
const key = env.read("BROKER_KEY");
const answer = net.httpGet("$BROKER/v1/charges?limit=3", { headers: { Authorization: `Bearer ${key}` } });
print(answer.status, answer.json().data.map((charge) => charge.id));

//# brokered-echo
// title: an endpoint that echoes the credential
// reaches: broker GET /v1/echo
// rows: 57
// secrets: header-safe
const key = env.read("BROKER_KEY");
for (const as of ["body", "header", "base64", "shifted", "hex", "reversed", "percent", "json", "status"]) {
  try {
    const answer = net.httpGet(`$BROKER/v1/echo?as=${as}`, { headers: { Authorization: `Bearer ${key}` } });
    print(as, answer.status, answer.headers, answer.body);
  } catch (error) { print(as, error.code, error.message); }
}

//# brokered-twice
// title: the credential in the slot and in the query, a second header, the body
// rows: 58
// secrets: header-safe
// expect: E_SLOT
const key = env.read("BROKER_KEY");
const headers = { Authorization: `Bearer ${key}` };
for (const attempt of [() => net.httpGet(`$BROKER/v1/charges?key=${key}`, { headers }), () => net.httpGet("$BROKER/v1/charges", { headers: { ...headers, "x-again": key } }), () => net.httpPost("$BROKER/v1/charges", { key }, { headers }), () => net.httpGet(`$BROKER/v1/${key}`, { headers }), () => net.httpGet("$BROKER/v1/charges", { headers: { Authorization: `Bearer ${key}${key}` } })]) {
  try { print(attempt().status); } catch (error) { print(error.code); }
}

//# derived-credential
// title: a value computed from the credential in its slot, an oracle of one bit a request
// rows: 59
// expect: E_NOT_ORIGINAL
// policy: data-secret
const key = env.read("BROKER_KEY");
const derived = key.map((k) => (k[3] < "8" ? k : "x"));
print(net.httpGet("$BROKER/v1/charges", { headers: { Authorization: `Bearer ${derived}` } }).status);

//# derived-by-identity
// title: the identity, a copy, an own slice and JSON of the credential
// rows: 59
// policy: data-secret
// expect: E_NOT_ORIGINAL
const key = env.read("BROKER_KEY");
for (const derived of [key.map((k) => k), key.map((k) => k.slice(0, 500)), seal.compute([key, fs.read("priv/bit.txt")], (k, b) => (b === "1" ? k : "wrong")), seal.run([key], (k) => k), key[0], JSON.parse(`{"k": "${key}"}`).k]) {
  try { print(net.httpGet("$BROKER/v1/charges", { headers: { Authorization: `Bearer ${derived}` } }).status); } catch (error) { print(error.code); }
}

//# other-data-in-slot
// title: other sealed data in the slot
// rows: 59
const values = [env.read("API_KEY"), fs.read("priv/secret.txt"), JSON.parse(fs.read("priv/config.json")).db.password];
for (const value of values) {
  try { print(net.httpGet("$BROKER/v1/charges", { headers: { Authorization: `Bearer ${value}` } }).status); } catch (error) { print(error.code); }
}

//# choice-of-two
// title: chooses between two credentials by a secret bit
// rows: 60
// policy: data-secret
// expect: E_NOT_ORIGINAL
const [key, bit] = [env.read("BROKER_KEY"), fs.read("priv/bit.txt")];
const chosen = seal.compute([key, bit], (k, b) => (b === "1" ? k : "other"));
print(net.httpGet("$BROKER/v1/charges", { headers: { Authorization: `Bearer ${chosen}` } }).status);

//# other-credential
// title: another secret's credential in the slot
// rows: 60
// expect: E_SLOT
const second = env.read("SECOND_KEY");
print(net.httpGet("$BROKER/v1/charges", { headers: { Authorization: `Bearer ${second}` } }).status);

//# both-credentials
// title: two credentials in one request
// rows: 60
const [key, second] = [env.read("BROKER_KEY"), env.read("SECOND_KEY")];
for (const path of ["v1/charges", "second/x"]) {
  try { print(net.httpGet(`$BROKER/${path}`, { headers: { Authorization: `Bearer ${key}`, "x-api-key": second } }).status); } catch (error) { print(error.code); }
}

//# store-in-the-service
// title: stores data in the service by an otherwise right request
// rows: 61
const key = env.read("BROKER_KEY");
const headers = { Authorization: `Bearer ${key}` };
for (const body of [env.read("API_KEY"), { note: `${fs.read("priv/secret.txt")}` }, `${env.read("API_KEY").length}`]) {
  try { print(net.httpPost("$BROKER/v1/notes", body, { headers }).status); } catch (error) { print(error.code); }
}

//# brokered-redirect
// title: a redirect to a public host with the credential in it
// reaches: broker GET /v1/redirect
// rows: 62
// secrets: header-safe
const key = env.read("BROKER_KEY");
try {
  const answer = net.httpGet("$BROKER/v1/redirect", { headers: { Authorization: `Bearer ${key}` } });
  print(answer.status, answer.headers.location);
} catch (error) { print(error.code, error.message); }

//# extra-text
// title: text around the credential, so that the server quotes what it got
// secrets: header-safe
// expect: E_SLOT
const key = env.read("BROKER_KEY");
for (const value of [`Bearer ${key}!`, `Bearer  ${key}`, `bearer ${key}`, `${key}`, `Basic ${key}`, `Bearer ${key} `, `Bearer ${key},Bearer ${key}`, ["Bearer", key]]) {
  try { print(net.httpGet("$BROKER/v1/charges", { headers: { Authorization: value } }).body); } catch (error) { print(error.code); }
}

//# spellings-of-the-slot
// title: other spellings of host, port, method, path and header
// secrets: header-safe
const key = env.read("BROKER_KEY");
const value = `Bearer ${key}`;
for (const [method, url, name] of [["GET", "$BROKER/v1/../admin", "authorization"], ["GET", "$BROKER/v1%2f..%2fadmin", "authorization"], ["PUT", "$BROKER/v1/charges", "authorization"], ["get", "$BROKER/v1/charges", "AUTHORIZATION"], ["GET", "$BROKER//v1/charges", "authorization"], ["GET", "$LOCAL/v1/charges", "authorization"], ["GET", "$PUBLIC/v1/charges", "authorization"], ["GET", "$BROKER/v1/charges", "x-authorization"]]) {
  try { print(method, net.request({ method, url, headers: { [name]: value } }).status); } catch (error) { print(error.code); }
}

//# wrong-host
// title: the credential to a public host at the same place
// secrets: header-safe
// expect: E_SINK
const key = env.read("BROKER_KEY");
net.httpGet("$PUBLIC/v1/charges", { headers: { Authorization: `Bearer ${key}` } });

//# credential-as-data
// title: a use-only credential to local-only sinks
const key = env.read("BROKER_KEY");
for (const attempt of [() => net.httpPost("$LOCAL/echo", key), () => fs.write("priv/key.txt", key), () => subprocess.exec(["bin/cleared"], { stdin: `${key}` }), () => net.httpGet("$LOCAL/value", { headers: { "x-key": key } })]) {
  try { print(attempt()); } catch (error) { print(error.code); }
}

//# use-only-to-host
// title: a use-only credential to a local-only host, nothing caught
// expect: E_USE_ONLY
net.httpPost("$LOCAL/echo", env.read("BROKER_KEY"));

//# head-and-get
// title: HEAD, GET and POST of the same place
// expect: value
// reaches: broker HEAD /v1/charges
// secrets: header-safe
const key = env.read("BROKER_KEY");
const headers = { Authorization: `Bearer ${key}` };
print(net.httpHead("$BROKER/v1/charges", { headers }).headers, net.httpGet("$BROKER/v1/charges", { headers }).body, net.httpPost("$BROKER/v1/charges", "x", { headers }).body);

//# query-slot
// title: a credential in its query, and beside it
// secrets: header-safe
const key = env.read("BROKER_KEY");
for (const query of [`key=${key}`, `key=${key}&key=${key}`, `key=x${key}`, `other=${key}`, `key=${encodeURIComponent(key)}`, `a=1&key=${key}&b=2`]) {
  try { const answer = net.httpGet(`$BROKER/query/x?${query}`); print(answer.status, answer.url, answer.body); } catch (error) { print(error.code); }
}

//# basic-slot
// title: Basic, formatted by btoa, and other users in it
// secrets: header-safe
const key = env.read("BROKER_KEY");
for (const text of [`me:${key}`, `${key}:me`, `me:${key}:${key}`, `me:${key} `]) {
  try { print(net.httpGet("$BROKER/basic/x", { headers: { Authorization: `Basic ${btoa(text)}` } }).status); } catch (error) { print(error.code); }
}

//# signed-slot
// title: an HMAC slot, over public and over sealed text
// secrets: header-safe
const key = env.read("BROKER_KEY");
for (const text of ["body", `${env.read("API_KEY")}`, `${key}`]) {
  try { print(net.httpPost("$BROKER/signed/x", "body", { headers: { "x-signature": crypto.hmac(key, text) } }).status); } catch (error) { print(error.code); }
}

//# sealed-answer
// title: a slot whose answer is sealed
// reaches: broker GET /sealed/x
// secrets: header-safe
const key = env.read("BROKER_KEY");
const answer = net.httpGet("$BROKER/sealed/x", { headers: { Authorization: `Bearer ${key}` } });
print(answer.status, answer.headers["x-bit"], answer.json().bit);
net.httpGet("$PUBLIC/after");

//# brokered-order
// title: the order of two brokered answers that take different times
// secrets: header-safe
const [key, second] = [env.read("BROKER_KEY"), env.read("SECOND_KEY")];
const order = [];
await Promise.all([fetch("$BROKER/v1/a", { headers: { Authorization: `Bearer ${key}` } }).then(() => order.push("a")), fetch("$BROKER/second/b", { headers: { "x-api-key": second } }).then(() => order.push("b")), fetch("$PUBLIC/slow").then(() => order.push("public"))]);
print(order);

//# brokered-race
// title: a brokered answer against a public one and a timer
// secrets: header-safe
const key = env.read("BROKER_KEY");
const brokered = fetch("$BROKER/v1/a", { headers: { Authorization: `Bearer ${key}` } }).then(() => "brokered");
print(await Promise.race([brokered, fetch("$PUBLIC/slow").then(() => "public"), new Promise((resolve) => setTimeout(() => resolve("timer"), 100))]));
await brokered;

//# brokered-after-data
// title: a brokered request after sealed work, seen by a public host
// reaches: local POST /value
// secrets: header-safe
const key = env.read("BROKER_KEY");
net.httpGet("$PUBLIC/start");
net.httpPost("$LOCAL/value", env.read("API_KEY"));
print(net.httpGet("$BROKER/v1/charges", { headers: { Authorization: `Bearer ${key}` } }).status);
net.httpGet("$PUBLIC/end");

//# brokered-after-late-data
// title: a brokered request after sealed work that the tick cuts off for some secrets
// secrets: header-safe
const key = env.read("BROKER_KEY");
net.httpPost("$LOCAL/long/0", env.read("API_KEY"));
print(net.httpGet("$BROKER/v1/charges", { headers: { Authorization: `Bearer ${key}` } }).status);
net.httpGet("$PUBLIC/end");

//# release-after-late-data
// title: a release after sealed work that the tick cuts off for all secrets
// rows: 81
net.httpPost("$LOCAL/long/0", env.read("API_KEY"));
try { print(release("absent", net.httpGet("$LOCAL/state"))); } catch (error) { print(error.code); }

//# credential-from-file
// title: a credential out of a file, and the file itself
// policy: file-secret
// secrets: header-safe
for (const attempt of [() => fs.read("creds/broker.json"), () => JSON.parse(fs.read("creds/broker.json")).other, () => fs.stat("creds/broker.json"), () => fs.list("creds")]) {
  try { print(attempt()); } catch (error) { print(error.code); }
}

//# field-as-credential
// title: another field of a private file as the credential
const config = JSON.parse(fs.read("priv/config.json"));
for (const name of ["db.password", "db.host", "bit"]) {
  const value = name.split(".").reduce((at, part) => at.get(part), config);
  try { print(net.httpGet("$BROKER/v1/charges", { headers: { Authorization: `Bearer ${value}` } }).status); } catch (error) { print(error.code); }
}

//# jwt-of-it
// title: a JWT with chosen claims, printed, measured and sent
const key = env.read("BROKER_KEY");
for (const attempt of [() => seal.jwt(key, { sub: "me" }, { algorithm: "HS256" }), () => String(seal.jwt(key, { sub: `${env.read("API_KEY")}` }, { algorithm: "HS256" })).length, () => seal.jwt(key, {}, { algorithm: "none" })]) {
  try { print(attempt()); } catch (error) { print(error.code); }
}

//# tampered-answer
// title: the answer's text as a token of a handle, and of none
// secrets: header-safe
const key = env.read("BROKER_KEY");
const answer = net.httpPost("$PUBLIC/echo", "sealed0ffffffffffffffffffffffffffffffff");
print(answer.body);
try { print(net.httpGet("$BROKER/v1/charges", { headers: { Authorization: `Bearer ${answer.body}` } }).status); } catch (error) { print(error.code); }

//# thin-copies
// title: Request-like objects whose headers change between reads
// rows: 76
// secrets: header-safe
const key = env.read("BROKER_KEY");
let reads = 0;
const headers = { get Authorization() { reads += 1; return reads === 1 ? `Bearer ${key}` : `Bearer x${key}`; } };
try { print(net.httpGet("$BROKER/v1/charges", { headers }).status); } catch (error) { print(error.code); }
print(reads);

//# brokered-in-two-places
// title: the credential in its slot and in the query, nothing caught
// rows: 58
// secrets: header-safe
// expect: E_SLOT
const key = env.read("BROKER_KEY");
print(net.httpGet(`$BROKER/v1/charges?key=${key}`, { headers: { Authorization: `Bearer ${key}` } }).status);

//# brokered-moved
// title: a redirect without the credential in it, to the same server
// rows: 62
// secrets: header-safe
// expect: 302, value
const key = env.read("BROKER_KEY");
print(net.httpGet("$BROKER/v1/moved", { headers: { Authorization: `Bearer ${key}` } }).status);
