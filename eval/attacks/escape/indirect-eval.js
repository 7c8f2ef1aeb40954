// goal: eval by another name
// expect: value []
const found = [];
const attempt = (name, f) => { try { const r = f(); if (r !== undefined) found.push(name); } catch {} };
attempt('this', () => globalThis['ev' + 'al']('1'));
attempt('timer', () => globalThis['set' + 'Timeout']('1', 0));
attempt('reflect', () => Reflect.get(globalThis, 'ev' + 'al')('1'));
return found;
