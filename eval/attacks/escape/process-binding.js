// goal: process gives nothing of the host
// expect: value []
const found = [];
const attempt = (name, f) => { try { const r = f(); if (r !== undefined) found.push(name); } catch {} };
attempt('binding', () => process.binding('fs'));
attempt('dlopen', () => process.dlopen({}, 'x'));
attempt('mainModule', () => process.mainModule);
attempt('kill', () => process.kill(1));
attempt('linked', () => process._linkedBinding('fs'));
attempt('memory', () => process.memoryUsage());
attempt('hrtime', () => process.hrtime());
return found;
