// goal: code from text by the constructors of functions
// expect: value []
const found = [];
const attempt = (name, f) => { try { const r = f(); if (r !== undefined) found.push(name); } catch {} };
for (const f of [() => {}, () => {}, async () => {}, function* () {}, async function* () {}, class {}, fs.read, print, Array, Math.max, (() => {}).bind()]) {
  attempt('own', () => f.constructor('return 1')());
  attempt('new', () => new f.constructor('return 1')());
  attempt('proto', () => Object.getPrototypeOf(f).constructor('return 1')());
  attempt('reflect', () => Reflect.construct(f.constructor, ['return 1'])());
}
return found;
