// goal: results of host calls have the VM's prototypes
// expect: value []
const r = fs.list('.');
const found = [];
if (Object.getPrototypeOf(r) !== Array.prototype) found.push('array');
if (r[0] && Object.getPrototypeOf(r[0]) !== Object.prototype) found.push('object');
return found;
