// goal: an option that changes between readings
// expect: value true
let n = 0;
const r = fs.read('a.txt', { get encoding() { return n++ ? 'hex' : 'utf8'; } });
return r === 'alpha' && n <= 1;
