// goal: a path that is another at the second reading
// expect: E_ARGUMENT|E_POLICY_DENIED|value "alpha"
let n = 0;
return fs.read({ toString: () => (n++ ? '/etc/shadow' : 'a.txt') });
