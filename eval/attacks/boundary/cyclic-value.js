// goal: the returned value has a cycle
// expect: E_ARGUMENT
const o = {};
o.o = o;
return o;
