// goal: a regex in a replace that never ends
// expect: E_LIMIT_TIME
'a'.repeat(50).replace(/(a*)*b/g, () => '');
for (;;) 'aaaa'.replace(/a/g, (m) => m);
