// A cleared next step: how many pages there are is private, so the loop runs where the answers are.
const first = net.httpGet("http://localhost:8480/incidents?page=1");
seal.run([first.json()], (page, io) => {
  const all = [...page.items];
  while (page.next !== null) {
    page = io.net.httpGet(`http://localhost:8480/incidents?page=${page.next}`).json();
    all.push(...page.items);
  }
  io.fs.write("~/notes/incidents.json", JSON.stringify(all));
});

// A public next step: the operator's rule lets one of three words out.
const latest = net.httpGet("http://localhost:8480/deploys/latest");
const state = release("deploy_state", latest);
fs.write("next.txt", state === "green" ? "go ahead" : "wait");
print(`the deployment is ${state}; ${first} stays where it is`);
