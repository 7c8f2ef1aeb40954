// goal: a NUL in a path
// expect: E_ARGUMENT
fs.read("a.txt\0/../../etc/shadow");
