/** Stands in for a model server: answers chat completions with these scripts, one after the other, then with words. */
import { createServer } from "node:http";

const SCRIPTS = [
  'const { id, cents } = fs.readJson("orders/17.json"); return tools.payments.refund({ order: id, cents })',
  'const { id, cents } = fs.readJson("orders/18.json"); return tools.payments.refund({ order: id, cents })',
  'return tools.payments.refund({ order: "17", cents: "900" })',
];

export async function startModel() {
  let turn = 0;
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const script = SCRIPTS[turn++];
      const call = {
        id: `call${turn}`,
        type: "function",
        function: { name: "run", arguments: JSON.stringify({ script }) },
      };
      const message =
        script === undefined
          ? { role: "assistant", content: "Order 17 was refunded; order 18 needs a person." }
          : { role: "assistant", content: null, tool_calls: [call] };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ choices: [{ message }] }));
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/v1/chat/completions`, close: () => server.close() };
}
