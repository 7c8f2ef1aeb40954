// Time, order and resources.

//# race
// title: a local-only request against a public one
// reaches: local GET /value
// rows: 38
const first = await Promise.race([fetch("$LOCAL/value").then(() => "local"), fetch("$PUBLIC/slow").then(() => "public")]);
print(first);

//# race-of-two-sealed
// title: two local-only requests against each other
// rows: 38
const order = [];
await Promise.all([fetch("$LOCAL/value").then(() => order.push("value")), fetch("$LOCAL/long/0").then(() => order.push("long")), fetch("$LOCAL/reset").then(() => order.push("reset"), () => order.push("failed"))]);
print(order);

//# all-settled
// title: allSettled, any and all over sealed and public
// rows: 38
const results = await Promise.allSettled([fetch("$LOCAL/reset"), fetch("$PUBLIC/a"), fetch("$LOCAL/redirect"), env.read("API_KEY")]);
print(results.map(({ status }) => status));
print(await Promise.any([fetch("$LOCAL/reset"), fetch("$PUBLIC/b")]).then(String));

//# race-with-timer
// title: timers against a local-only request
// rows: 38
const order = [];
setTimeout(() => order.push("timer 0"), 0);
setTimeout(() => order.push("timer 100"), 100);
const timer = new Promise((resolve) => setTimeout(() => resolve("timer"), 150));
print(await Promise.race([timer, fetch("$LOCAL/value").then(() => "fetched")]));
await timer;
print(order);

//# microtasks
// title: the order of microtasks around a sealed call
// rows: 38
const order = [];
queueMicrotask(() => order.push("before"));
const sealed = fetch("$LOCAL/value").then(() => order.push("sealed"));
queueMicrotask(() => order.push("after"));
for (let n = 0; n < 10; n += 1) await null;
order.push("ten turns");
await sealed;
print(order);

//# gap-between-requests
// title: a public server measures how long a local-only request took
// reaches: local GET /value
// rows: 39
net.httpGet("$PUBLIC/start");
net.httpGet("$LOCAL/value");
net.httpGet("$PUBLIC/end");

//# gap-of-a-command
// title: the same around a cleared command, a private file and a compartment
// rows: 39
net.httpGet("$PUBLIC/start");
subprocess.exec(["bin/cleared"]);
net.httpGet("$PUBLIC/middle");
fs.write("priv/x.txt", fs.read("priv/size.bin"));
net.httpGet("$PUBLIC/late");
env.read("API_KEY").map((k) => { for (let n = 0; n < k.length * 1000; n += 1); });
net.httpGet("$PUBLIC/end");

//# gap-default-profile
// title: the same with several ticks, none of which the world's delays reach
// rows: 39
// policy: default
net.httpGet("$PUBLIC/start");
net.httpGet("$LOCAL/value");
net.httpGet("$PUBLIC/end");

//# default-profile-end
// title: the time at which a run with sealed work ends
// reaches: local POST /value, $SECRET
// rows: 39
// policy: default
// via: cli mcp
net.httpPost("$LOCAL/value", env.read("API_KEY"));
print("done");

//# end-of-run
// title: the time at which a run ends, with one tick
// reaches: local GET /long/0
// rows: 39
// via: cli text mcp
net.httpGet("$LOCAL/long/0");
print("done");

//# strict-gap
// title: the gap around a local-only request, in the strict profile
// reaches: local GET /value
// rows: 39
// policy: strict
net.httpGet("$PUBLIC/start");
net.httpGet("$LOCAL/value");
net.httpGet("$PUBLIC/end");

//# strict-end
// title: everything sealed at once, in the strict profile, by both ways in
// rows: 39 42
// policy: strict
// via: cli mcp
const key = env.read("API_KEY");
net.httpPost("$LOCAL/long/0", key);
fs.write("priv/x.txt", `${fs.read("priv/size.bin")}${key}`);
print(key.map((k) => { while (k.charCodeAt(0) & 1) {} return 1; }));

//# mtime-as-clock
// title: the time of a public file written after sealed work
// rows: 39
fs.write("out/a.txt", "a");
net.httpGet("$LOCAL/value");
fs.write("out/b.txt", "b");
print(fs.stat("out/b.txt").mtime - fs.stat("out/a.txt").mtime);

//# command-as-clock
// title: public commands before and after sealed work
// rows: 39
subprocess.exec(["bin/show", "before"]);
net.httpGet("$LOCAL/value");
subprocess.exec(["bin/show", "after"]);

//# server-as-clock
// title: asks a public server, again and again, while sealed work is under way
// rows: 39
const sealed = fetch("$LOCAL/value");
for (let n = 0; n < 3; n += 1) await fetch(`$PUBLIC/poll/${n}`);
await sealed;
await fetch("$PUBLIC/last");

//# clocks
// title: every clock a script may find
// rows: 40
const before = Date.now();
net.httpGet("$LOCAL/value");
print(Date.now() - before, new Date().getTime() - before, typeof performance, Math.random());
print(new Date(before).getTimezoneOffset(), typeof Temporal, typeof Intl);

//# random-state
// title: the state of Math.random and randomUUID around sealed work
// rows: 40
const a = Math.random();
env.read("API_KEY").map((k) => { for (let n = 0; n < k.length; n += 1) Object.keys({ n }); return 1; });
net.httpGet("$LOCAL/value");
print(a, Math.random(), crypto.randomUUID());

//# memory-until-failure
// title: how much memory is left after holding it
// rows: 41
// policy: little-memory
const held = [];
const text = String(fs.read("priv/size.bin"));
let count = 0;
try { for (;;) { held.push(text.repeat(1000) + count); count += 1; if (count > 2000) break; } } catch (error) { print(error.name); }
print(count);

//# stack-until-failure
// title: how deep the stack goes with it in hand
// rows: 41
const key = env.read("API_KEY");
let depth = 0;
const down = (value) => { depth += 1; return down(value); };
try { down(key); } catch (error) { print(error.name); }
print(depth);

//# time-limit-on-a-bit
// title: reaches the run's limit when a bit is set
// rows: 42
const bit = fs.read("priv/bit.txt");
try { while (bit == "1") {} } catch (error) { print(error.code); }
print("after");

//# native-burn-outside
// title: built-ins that do not poll, on the text of it
// rows: 43
const text = String(fs.read("priv/size.bin"));
print(text.repeat(20000).split("").length);

//# mcp-frames
// title: frames of a run with sealed work: progress, order, count
// rows: 44
// via: mcp
for (let n = 0; n < 5; n += 1) { net.httpGet("$LOCAL/value"); print(n); }
net.httpGet("$PUBLIC/end");

//# mcp-cancel
// title: cancels while sealed work is under way
// rows: 44
// via: mcp
// cancel: 1500
for (let n = 0; n < 30; n += 1) { net.httpGet("$LOCAL/long/0"); seal.settle(); }
net.httpGet("$PUBLIC/never");

//# event-loop
// title: much sealed work at once, and public work beside it
// reaches: local GET /value/0
// rows: 45
const order = [];
const work = Array.from({ length: 20 }, (_, n) => fetch(`$LOCAL/value/${n}`).then(() => order.push(n)));
await fetch("$PUBLIC/beside").then(() => order.push("public"));
await Promise.all(work);
print(order);

//# settle-by-name
// title: a settle point with a duration of its own
const key = env.read("API_KEY");
net.httpPost("$LOCAL/value", key);
try { print(seal.settle("400ms")); } catch (error) { print(error.code); }
net.httpGet("$PUBLIC/after");

//# settle-misuse
// title: settle with durations that are none, or sealed, or many
const key = env.read("API_KEY");
for (const duration of ["0s", "-1s", "1y", key, `${key}`, {}, 1e9, "1ms"]) {
  try { print(seal.settle(duration)); } catch (error) { print(error.code); }
}

//# waits-used-up
// title: alternates until waits are used up
// policy: no-waits
// expect: E_WAITS
net.httpGet("$LOCAL/value");
try { net.httpGet("$PUBLIC/one"); } catch (error) { print(error.code); }
net.httpGet("$LOCAL/value");
net.httpGet("$PUBLIC/two");

//# calls-used-up
// title: how many calls are left after sealed work of unknown size
// policy: few-calls
// expect: E_LIMIT_CALLS
const key = env.read("API_KEY");
seal.run([key], (k, io) => { for (let n = 0; n < k.length % 5; n += 1) io.fs.write("priv/x", k); });
for (let n = 0; ; n += 1) { fs.exists("pub/readme.txt"); print(n); }

//# output-used-up
// title: how much can be printed with it in the output
// policy: little-output
// expect: E_LIMIT_OUTPUT
const key = env.read("API_KEY");
for (let n = 0; ; n += 1) print(n, key);

//# concurrency-used-up
// title: fetches queue behind sealed ones
// policy: one-fetch
const order = [];
await Promise.all([fetch("$LOCAL/value").then(() => order.push("sealed")), fetch("$PUBLIC/a").then(() => order.push("a")), fetch("$LOCAL/reset").then(() => order.push("reset"), () => order.push("failed")), fetch("$PUBLIC/b").then(() => order.push("b"))]);
print(order);

//# abort
// title: aborts a local-only request after a time
const controller = new AbortController();
setTimeout(() => controller.abort(), 100);
try { print(String(await fetch("$LOCAL/value", { signal: controller.signal }).then(() => "fetched"))); } catch (error) { print(error.name, error.code); }

//# timeout-as-clock
// title: a time-out between the shortest and the longest delay
for (const timeoutMs of [10, 100, 200]) {
  try { print(net.httpGet("$LOCAL/value", { timeoutMs }).status); } catch (error) { print(error.code); }
}
try { print(subprocess.exec(["bin/cleared"], { timeoutMs: 100 })); } catch (error) { print(error.code); }

//# async-iteration
// title: the order of asynchronous iteration over sealed and public
const seen = [];
async function* many() { yield fetch("$LOCAL/value"); yield fetch("$PUBLIC/a"); yield fetch("$LOCAL/long/1"); }
for await (const answer of many()) seen.push(String(answer).length);
print(seen);

//# timers-between
// title: timers between sealed and public work
const order = [];
setTimeout(() => { net.httpGet("$LOCAL/value"); order.push("sealed"); }, 20);
setTimeout(() => { net.httpGet("$PUBLIC/timer"); order.push("public"); }, 10);
setTimeout(() => { order.push("last"); print(order); }, 30);

//# gap-around-long
// title: a public server measures local-only work that is longer than the tick for some secrets
// rows: 39
// policy: releases
// expect: "durationMs":1000, value
// gaps: at once, a tick later
net.httpGet("$PUBLIC/start");
net.httpPost("$LOCAL/long/0", env.read("API_KEY"));
net.httpGet("$PUBLIC/end");

//# gap-of-two
// title: two public requests that wait for the same tick
// rows: 39
// policy: releases
// expect: "durationMs":1000, value
// gaps: at once, a tick later, at once
net.httpGet("$PUBLIC/start");
net.httpPost("$LOCAL/value", env.read("API_KEY"));
await Promise.all([fetch("$PUBLIC/a"), fetch("$PUBLIC/slow")]);

//# gap-after-reads
// title: private reads alone, between public requests
// rows: 39
// expect: "durationMs":0, value
net.httpGet("$PUBLIC/start");
print(fs.read("priv/size.bin"), fs.stat("priv/made"), env.read("API_KEY").length);
net.httpGet("$PUBLIC/end");

//# work-before-the-end
// title: sealed work in a row, which is done before the run ends
// rows: 39
// policy: releases
// expect: value
// reaches: local POST /echo/last
net.httpPost("$LOCAL/value", env.read("API_KEY"));
net.httpPost("$LOCAL/echo/last", "after it");
