// goal: import of a computed name
// expect: E_SUBSET
const name = "os";
await import(name);
