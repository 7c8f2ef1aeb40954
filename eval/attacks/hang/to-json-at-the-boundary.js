// goal: toJSON of the returned value never returns
// expect: E_LIMIT_TIME
return { toJSON() { for (;;) {} } };
