// goal: push, map and iteration replaced
// expect: value true
for (const m of ['push', 'map', 'join', 'slice', Symbol.iterator]) try { Array.prototype[m] = () => { throw 1; }; } catch {}
return fs.exists('a.txt');
