// goal: an argument nested a hundred thousand deep
// expect: E_ARGUMENT|E_LIMIT_STACK
let o = {};
for (let i = 0; i < 1e5; i++) o = { o };
fs.read(o);
