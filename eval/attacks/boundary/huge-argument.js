// goal: a path of ten megabytes
// expect: E_ARGUMENT|E_LIMIT_MEMORY
fs.read("a/".repeat(5e6));
