const settings = fs.readJson("~/.config/app.json");

// One field of it goes to the database, and the answer into a private file.
const { user, password } = settings.db;
const form = new URLSearchParams({ user: `${user}`, password: `${password}` });
const answer = net.httpPost("http://localhost:8480/query", form);
fs.write("~/.app/rows.txt", `rows: ${answer.json().rows}`);

print(`the password is ${password}`);
print(`the region is ${release("region", settings)}`);
