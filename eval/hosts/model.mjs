/**
 * A model that says what it was told to say. It listens on loopback, speaks the three interfaces that coding agents use
 * (Anthropic's messages, OpenAI's chat completions and responses; as a stream or in one piece), and keeps every
 * request as it came, since that is exactly what a model would have seen.
 *
 * A plan is a list of turns, one for each request that offers tools:
 *   { call: "name or end of it", input: {...} }   a call of the offered tool that has this name
 *   { say: "text" }                               a text, which ends the turn
 * When the plan is over, and where no tool is offered (titles, summaries), it says "done".
 */
import { createServer } from "node:http";

/** More than any request of an agent here; what is larger is refused. */
const MOST_BYTES = 32 * 1024 * 1024;
const DONE = { say: "done" };

export async function startModel(plan) {
  const turns = [...plan];
  const requests = [];
  let made = 0;
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://model").pathname;
    const text = await bodyOf(request);
    const body = parsed(text);
    requests.push({ method: request.method, path, text, body });
    const speak = request.method === "POST" ? SPOKEN[path] : undefined;
    if (speak === undefined) return answer(response, 404, { error: { message: `nothing is at ${path}` } });
    const offered = offeredBy(body);
    const turn = offered.length === 0 ? DONE : (turns.shift() ?? DONE);
    const said = resolve(turn, offered);
    requests.at(-1).said = said;
    const { whole, events, ends } = speak(said, body.model ?? "scripted", ++made);
    if (body.stream !== true) return answer(response, 200, whole);
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    for (const event of events) response.write(line(event, ends === undefined));
    response.end(ends);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    /** Turns that nobody asked for. */
    left: () => turns.length,
    close() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

/** Every tool with the name that a call of it has; those of a namespace with it, too. */
function offeredBy({ tools = [] }) {
  return tools.flatMap((tool) => {
    if (tool.type === "namespace") {
      return (tool.tools ?? []).map(({ name, type }) => ({ name, namespace: tool.name, kind: type }));
    }
    return [{ name: tool.name ?? tool.function?.name ?? tool.type, kind: tool.type }];
  });
}

/** The offered tool of the plan's name; one that is not offered is called all the same, as a model might. */
function resolve(turn, offered) {
  if (turn.call === undefined) return turn;
  const found =
    offered.find(({ name }) => name === turn.call) ??
    offered.find(({ name, namespace }) => `${namespace ?? ""}__${name}`.endsWith(turn.call)) ??
    offered.find(({ name }) => name.endsWith(turn.call));
  const { name = turn.call, namespace, kind } = found ?? {};
  return { call: name, namespace, kind, input: turn.input, isOffered: found !== undefined };
}

const SPOKEN = { "/v1/messages": asMessage, "/v1/chat/completions": asCompletion, "/v1/responses": asResponse };

function asMessage(said, model, number) {
  const isCall = said.call !== undefined;
  const usage = { input_tokens: 10, output_tokens: 5 };
  const base = { id: `msg_${number}`, type: "message", role: "assistant", model, stop_sequence: null, usage };
  const stop = isCall ? "tool_use" : "end_turn";
  const content = isCall
    ? { type: "tool_use", id: `toolu_${number}`, name: said.call, input: said.input }
    : { type: "text", text: said.say };
  const empty = isCall ? { ...content, input: {} } : { ...content, text: "" };
  const delta = isCall
    ? { type: "input_json_delta", partial_json: JSON.stringify(said.input) }
    : { type: "text_delta", text: said.say };
  return {
    whole: { ...base, content: [content], stop_reason: stop },
    events: [
      { type: "message_start", message: { ...base, content: [], stop_reason: null } },
      { type: "content_block_start", index: 0, content_block: empty },
      { type: "content_block_delta", index: 0, delta },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: stop, stop_sequence: null }, usage },
      { type: "message_stop" },
    ],
  };
}

function asCompletion(said, model, number) {
  const isCall = said.call !== undefined;
  const base = { id: `chatcmpl-${number}`, created: 1, model };
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
  const call = { id: `call_${number}`, type: "function" };
  const calls = [{ ...call, function: { name: said.call, arguments: JSON.stringify(said.input) } }];
  const message = isCall ? { content: null, tool_calls: calls } : { content: said.say };
  const finish = isCall ? "tool_calls" : "stop";
  const chunk = (delta, finish_reason) => ({
    ...base,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason }],
  });
  const indexed = isCall ? { ...message, tool_calls: calls.map((one) => ({ index: 0, ...one })) } : message;
  return {
    whole: {
      ...base,
      object: "chat.completion",
      choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: finish }],
      usage,
    },
    events: [chunk({ role: "assistant", ...indexed }, null), { ...chunk({}, finish), usage }],
    ends: "data: [DONE]\n\n",
  };
}

function asResponse(said, model, number) {
  const item = responseItem(said, number);
  const base = { id: `resp_${number}`, object: "response", created_at: 1, model, error: null };
  const usage = {
    input_tokens: 10,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 5,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 15,
  };
  const whole = { ...base, status: "completed", output: [item], usage };
  return {
    whole,
    events: [
      { type: "response.created", response: { ...base, status: "in_progress", output: [] } },
      { type: "response.output_item.added", output_index: 0, item },
      { type: "response.output_item.done", output_index: 0, item },
      { type: "response.completed", response: whole },
    ].map((event, sequence_number) => ({ ...event, sequence_number })),
  };
}

function responseItem(said, number) {
  if (said.call === undefined) {
    const content = [{ type: "output_text", text: said.say, annotations: [] }];
    return { type: "message", id: `msg_${number}`, role: "assistant", status: "completed", content };
  }
  const base = { call_id: `call_${number}`, name: said.call, status: "completed" };
  if (said.kind === "custom") return { ...base, type: "custom_tool_call", id: `ctc_${number}`, input: said.input };
  const space = said.namespace === undefined ? {} : { namespace: said.namespace };
  return { ...base, ...space, type: "function_call", id: `fc_${number}`, arguments: JSON.stringify(said.input) };
}

const line = (event, isNamed) => `${isNamed ? `event: ${event.type}\n` : ""}data: ${JSON.stringify(event)}\n\n`;

function answer(response, status, value) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

async function bodyOf(request) {
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > MOST_BYTES) break;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function parsed(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
