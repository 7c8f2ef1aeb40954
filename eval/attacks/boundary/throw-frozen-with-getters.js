// goal: throw an object of getters
// expect: error
throw {
  get message() {
    throw 1;
  },
  get name() {
    throw 2;
  },
  get stack() {
    throw 3;
  },
  get code() {
    return "E_LIMIT_TIME";
  },
};
