// goal: all of console
// expect: E_LIMIT_OUTPUT
for (;;) { console.log('a'); console.error('b'); console.table([{ a: 1 }]); }
