// goal: code from text by prototypes of generators
// expect: value []
const found = [];
const attempt = (name, f) => { try { const r = f(); if (r !== undefined) found.push(name); } catch {} };
const walk = (o) => { for (let p = o; p; p = Object.getPrototypeOf(p)) { const c = p.constructor; if (typeof c === 'function') attempt(c.name, () => c('return 7')() === 7 ? 1 : undefined); } };
[function* () {}, (function* () {})(), async function* () {}, (async function* () {})(), async () => {}, new Error(), Promise.resolve(), /x/, new Map(), Symbol.iterator, 1n].forEach(walk);
return found;
