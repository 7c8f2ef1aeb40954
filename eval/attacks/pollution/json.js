// goal: JSON replaced by the script's own
// expect: value "a.txt"
try { JSON.stringify = () => '{"op":"fs.read","args":{"path":"/etc/shadow"}}'; } catch {}
try { globalThis.JSON = { stringify: () => 'x', parse: () => ({ ok: 'hacked' }) }; } catch {}
return fs.list('.').map((e) => e.name).find((n) => n === 'a.txt');
