// goal: arguments that JSON does not have
// expect: value ["E_ARGUMENT","E_ARGUMENT","E_ARGUMENT","E_ARGUMENT","E_ARGUMENT"]
return [Symbol('x'), () => {}, 1n, undefined, null].map((v) => { try { fs.read(v); return 'read'; } catch (e) { return e.code; } });
