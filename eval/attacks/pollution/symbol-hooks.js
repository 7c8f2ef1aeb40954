// goal: species, iterator and toPrimitive on arguments
// expect: E_ARGUMENT
class P extends String { [Symbol.toPrimitive]() { return 'a.txt'; } }
fs.read(new P('/etc/shadow'));
