// goal: a proxy with a million keys
// expect: E_LIMIT_TIME
const keys = Array.from({ length: 2e5 }, (_, i) => 'k' + i);
const p = new Proxy({}, { ownKeys: () => keys, getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) });
for (;;) Object.keys(p);
