// goal: toJSON throws
// expect: error Error
return { toJSON() { throw new Error('mine'); } };
