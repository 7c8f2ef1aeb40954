// goal: a thenable that never settles in a loop
// expect: E_LIMIT_TIME
for (;;)
  await {
    then(resolve) {
      resolve(1);
    },
  };
