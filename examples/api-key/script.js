const key = env.read("STRIPE_KEY");
const answer = net.httpGet("https://localhost:8443/v1/charges?limit=3", {
  headers: { Authorization: `Bearer ${key}` },
});
print(`${answer.status}: ${answer.json().data.map((charge) => charge.id).join(", ")}`);
print(`asked with ${key}`);
