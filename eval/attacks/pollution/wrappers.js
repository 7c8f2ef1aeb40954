// goal: host wrappers replaced or extended
// expect: value []
const found = [];
for (const [o, k] of [[fs, 'read'], [net, 'httpGet'], [subprocess, 'exec'], [env, 'read'], [fs, 'extra']]) {
  try { o[k] = () => 'mine'; } catch {}
  try { if (o[k]('a.txt') === 'mine') found.push(k); } catch {}
}
return found;
