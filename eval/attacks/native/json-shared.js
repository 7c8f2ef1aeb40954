// goal: a JSON text that doubles at each level
// expect: E_LIMIT_TIME|E_LIMIT_MEMORY
let o = 'x';
for (let i = 0; i < 40; i++) o = [o, o];
JSON.stringify(o);
