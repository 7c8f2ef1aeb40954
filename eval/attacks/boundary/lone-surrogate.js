// goal: a lone surrogate in a path
// expect: E_ARGUMENT
fs.read("a\ud800.txt");
