// goal: errors of host calls are the VM's own
// expect: value []
const found = [];
for (const f of [() => fs.read('/etc/shadow'), () => fs.read(), () => net.httpGet('x'), () => subprocess.exec('x'), () => new URL('::')]) {
  try { f(); } catch (e) { if (!(e instanceof Error)) found.push('foreign'); if (e.constructor.constructor !== Object.constructor) found.push('constructor'); }
}
return found;
