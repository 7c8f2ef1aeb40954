// goal: properties on Object.prototype
// expect: value []
const found = [];
const attempt = (name, f) => { try { const r = f(); if (r !== undefined) found.push(name); } catch {} };
attempt('define', () => { Object.prototype.polluted = 1; return ({}).polluted; });
attempt('defineProperty', () => { Object.defineProperty(Object.prototype, 'path', { value: '/etc/shadow' }); return ({}).path; });
attempt('proto', () => { ({}).__proto__.x = 1; return ({}).x; });
attempt('setPrototypeOf', () => { Object.setPrototypeOf(Object.prototype, { y: 1 }); return ({}).y; });
return found;
