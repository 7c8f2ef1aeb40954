// goal: a __proto__ key survives as data
// expect: value {"__proto__":{"x":1}}
return JSON.parse('{"__proto__":{"x":1}}');
