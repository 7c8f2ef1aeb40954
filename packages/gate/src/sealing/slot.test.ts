import type { Json, RequestUse } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import type { Handle, Origin } from "./handles.ts";
import { placeOfToken, readSlot, slotOfCall } from "./slot.ts";

const T = `sealed0${"a".repeat(32)}`;
const use = (slot: RequestUse["slot"], format: Partial<RequestUse["format"]> = {}): RequestUse => ({
  kind: "request",
  ref: { id: "secret.s.use[0]" },
  hosts: [],
  methods: ["GET"],
  slot,
  format: { kind: "template", before: "Bearer ", after: "", of: ["original"], ...format } as RequestUse["format"],
  response: "public",
  outcome: false,
  outcomesPerRun: null,
});
const header = use({ kind: "header", name: "authorization" });
const query = use({ kind: "query", name: "key" }, { before: "" });

describe("the text at a slot", () => {
  test.each<[string, RequestUse, Json, string | null]>([
    ["a header by any spelling of its name", header, { headers: [["AUTHORIZATION", "Bearer x"]] }, "Bearer x"],
    ["a header without the space around it", header, { headers: [["authorization", " x\t"]] }, "x"],
    ["no header", header, { headers: [["x", "y"]] }, null],
    ["headers that are no list", header, { headers: { authorization: "x" } }, null],
    ["a header that is no pair of texts", header, { headers: ["authorization", [1, 2], ["authorization", 5]] }, null],
    ["a query parameter, decoded", query, { url: "https://h/?a=1&key=%61b+c" }, "ab c"],
    ["a query parameter that is there twice", query, { url: "https://h/?key=a&key=b" }, null],
    ["no query parameter", query, { url: "https://h/?a=1" }, null],
    ["no URL", query, { url: "not one" }, null],
    ["no arguments", header, ["x"], null],
  ])("%s", (_, one, args, text) => {
    expect(slotOfCall(one, args)).toBe(text);
  });
});

describe("a token that is not in its slot is said to be in", () => {
  test.each<[string, Json]>([
    ['the header "x-a"', { url: "https://h/", headers: [["X-A", `a${T}`]] }],
    ["the query string", { url: `https://h/?a=${T}` }],
    ["the path", { url: `https://h/${T}?a=1` }],
    ["the body", { url: "https://h/", body: T }],
    ["the body", { url: "https://h/", bodyBase64: "eA==" }],
    ["another place", { url: "https://h/" }],
    ["another place", null],
  ])("%s", (place, args) => {
    expect(placeOfToken(args, T)).toBe(place);
  });
});

describe("a slot is read as", () => {
  const handle = (origin: Origin): Handle => ({
    id: 1,
    token: T,
    display: "[sealed secret:s]",
    kind: "value",
    label: ["secret:s"],
    origin,
    sources: [],
  });
  const read = (text: string | null, origin: Origin | null) =>
    readSlot(header, text, (token) => (token === T && origin !== null ? handle(origin) : undefined));

  test("the handle whose token it holds, in its exact form", () => {
    expect(read(`Bearer ${T}`, { kind: "secret", secret: "s" })).toMatchObject({ ok: true, value: { token: T } });
  });

  test.each<[string, string | null, Origin | null]>([
    ["it is elsewhere", null, { kind: "secret", secret: "s" }],
    ["the slot holds other text", `Bearer ${T}`, null],
    ["the slot holds two sealed values", `Bearer ${T}${T}`, { kind: "secret", secret: "s" }],
    ["the text around it is not exactly that", `Bearer ${T} `, { kind: "secret", secret: "s" }],
    ["it is a value computed from it", `Bearer ${T}`, { kind: "derived" }],
    ["it is a value computed from it", `Bearer ${T}`, { kind: "answer", of: "env:A" }],
    ["it is in another form", `Bearer ${T}`, { kind: "formatted", secret: "s", as: "basic" }],
  ])("nothing, since %s (%j)", (why, text, origin) => {
    expect(read(text, origin)).toEqual({ ok: false, why });
  });
});
