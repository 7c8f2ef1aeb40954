const api = "https://localhost:8443";
const key = env.read("STRIPE_KEY");
const show = (answer) => print(`${answer.status} ${answer.json().signed}`);

show(net.httpGet(`${api}/basic/me`, { headers: { Authorization: `Basic ${btoa(`me:${key}`)}` } }));

const event = JSON.stringify({ type: "ping" });
show(net.httpPost(`${api}/hmac/events`, event, { headers: { "X-Signature": crypto.hmac(key, event) } }));

const token = seal.jwt(key, { iss: "agent", aud: "api" });
show(net.httpGet(`${api}/jwt/me`, { headers: { Authorization: `Bearer ${token}` } }));

show(net.httpPut(`${api}/sigv4/bucket/report.txt`, "hello", { headers: { Authorization: env.read("AWS_PAIR") } }));

// Exchanged for `crm_client` by the vault, which keeps both.
show(net.httpGet(`${api}/crm/accounts`, { headers: { Authorization: `Bearer ${env.read("crm")}` } }));
