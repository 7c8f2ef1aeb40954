import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { MessageLines } from "./message-lines.ts";

interface Read {
  readonly lines: readonly string[];
  readonly passedOver: readonly (string | number | null)[];
}

/** What comes out of bytes that arrive in pieces. */
async function read(pieces: readonly string[], maxBytes?: number): Promise<Read> {
  const passedOver: (string | number | null)[] = [];
  const lines: string[] = [];
  const stream = new MessageLines((id) => passedOver.push(id), maxBytes);
  stream.on("data", (chunk: Buffer) => lines.push(chunk.toString()));
  for (const piece of pieces) stream.write(Buffer.from(piece));
  stream.end();
  await once(stream, "end");
  return { lines, passedOver };
}

describe("messages", () => {
  test("come out whole, however they arrive", async () => {
    expect((await read(["a\nb\n"])).lines).toEqual(["a\n", "b\n"]);
    expect((await read([..."ab\ncd\n"])).lines).toEqual(["ab\n", "cd\n"]);
    expect((await read(["\n\n"])).lines).toEqual(["\n", "\n"]);
  });

  test("that are not ended are none", async () => {
    expect((await read(["a\nb"])).lines).toEqual(["a\n"]);
  });

  test("may have exactly the bound, and not a byte more", async () => {
    expect(await read(["1234567\n12345678\n123\n"], 8)).toEqual({ lines: ["1234567\n", "123\n"], passedOver: [null] });
  });

  test("that are too long are passed over in whatever pieces they arrive", async () => {
    const long = `${"x".repeat(1000)}\n`;
    for (const pieces of [[`a\n${long}b\n`], ["a\n", ...long, "b\n"], ["a\nxx", long, "b\n"]]) {
      expect(await read(pieces, 10)).toEqual({ lines: ["a\n", "b\n"], passedOver: [null] });
    }
  });
});

describe("the id of a message that was passed over", () => {
  const filler = "x".repeat(2000);
  const table: readonly [string, string, string | number | null][] = [
    ["first member", `{"id":5,"method":"m","params":"${filler}"}`, 5],
    ["after the version and method", `{"jsonrpc":"2.0","method":"tools/call","id":"a-1","params":"${filler}"}`, "a-1"],
    ["last member", `{"method":"m","params":"${filler}","jsonrpc":"2.0","id":17}`, 17],
    ["with spaces", ` { "id" : -3 , "params" : "${filler}" } `, -3],
    ["only inside the parameters", `{"params":{"id":5,"x":"${filler}"}}`, null],
    ["only inside a text at the end", `{"params":"${filler}\\",\\"id\\":5}"}`, null],
    ["a number that JSON does not have", `{"id":007,"params":"${filler}"}`, null],
    ["a text with an escape", `{"id":"\\u0000","params":"${filler}"}`, null],
    ["an object", `{"id":{"a":1},"params":"${filler}"}`, null],
    ["none", filler, null],
  ];
  test.each(table)("is found, or not guessed: %s", async (_title, line, id) => {
    expect((await read([`${line}\n`], 1000)).passedOver).toEqual([id]);
    expect((await read([...`${line}\n`], 1000)).passedOver).toEqual([id]);
  });
});
