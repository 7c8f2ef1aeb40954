// goal: require of what is not built in
// expect: value []
const found = [];
const attempt = (name, f) => { try { const r = f(); if (r !== undefined) found.push(name); } catch {} };
for (const n of ['vm', 'node:vm', 'worker_threads', 'module', 'http', 'net', 'inspector', '../../x', '/etc/passwd', 'process', 'v8', 'dns', '__proto__', 'constructor', 'toString']) attempt(n, () => { const m = require(n); return m && n !== 'process' ? 1 : undefined; });
return found;
