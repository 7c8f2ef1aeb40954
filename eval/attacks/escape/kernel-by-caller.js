// goal: arguments.callee and caller
// expect: value []
const found = [];
const attempt = (name, f) => { try { const r = f(); if (r !== undefined) found.push(name); } catch {} };
attempt('callee', () => (function () { return arguments.callee; })());
attempt('caller', () => (function f() { return f.caller; })());
attempt('args', () => (function f() { return f.arguments; })());
return found;
