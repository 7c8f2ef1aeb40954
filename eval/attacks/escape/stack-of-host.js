// goal: prepareStackTrace and call sites
// expect: value []
const found = [];
const attempt = (name, f) => { try { const r = f(); if (r !== undefined) found.push(name); } catch {} };
attempt('prepare', () => { Error.prepareStackTrace = (e, s) => s; const s = new Error().stack; return Array.isArray(s) && typeof s[0]?.getThis === 'function' ? 1 : undefined; });
attempt('paths', () => /node_modules|packages\/|file:\/\/|worker\.cjs/.test(new Error().stack) ? 1 : undefined);
try { fs.read('/etc/shadow'); } catch (e) { attempt('error stack', () => /node_modules|worker\.cjs|\.ts:/.test(e.stack) ? 1 : undefined); }
return found;
