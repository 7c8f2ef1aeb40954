// goal: the returned value is a BigInt
// expect: E_ARGUMENT
return 1n;
