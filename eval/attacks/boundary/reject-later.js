// goal: an unhandled rejection ends the run
// expect: error TypeError
setTimeout(() => { Promise.reject(new TypeError('late')); }, 5);
return 1;
