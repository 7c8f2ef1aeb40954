// goal: then replaced to see answers of others
// expect: value []
const seen = [];
try { const t = Promise.prototype.then; Promise.prototype.then = function (...a) { seen.push(this); return t.apply(this, a); }; } catch {}
try { await fetch('https://example.com/'); } catch {}
return seen;
