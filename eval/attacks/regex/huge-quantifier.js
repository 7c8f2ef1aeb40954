// goal: a pattern that compiles to a huge program
// expect: SyntaxError|E_LIMIT_MEMORY|E_LIMIT_TIME|value
new RegExp('(?:' + 'a{1000}'.repeat(1000) + '){1000}').test('a'.repeat(1e5));
return 'done';
