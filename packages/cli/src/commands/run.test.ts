import type { ApprovalTicket } from "@agent-run/runtime";
import { expect, test } from "vitest";
import { yesUnder } from "./run.ts";

const ticket = (layer: string): ApprovalTicket => ({
  seq: 1,
  capability: "fs.write",
  target: "a",
  requestHash: "",
  rule: "requires_approval[0]",
  layer,
  request: "{}",
  place: null,
  preview: null,
});
const { signal } = new AbortController();
const said = (by: ReturnType<typeof yesUnder>, layer: string) =>
  typeof by.approver === "function" ? by.approver(ticket(layer)) : by.approver;

test("--yes answers what the policy asks", async () => {
  const yes = yesUnder({ approve: async () => "deny" });
  expect(await yes.approve?.(ticket("policy"), signal)).toBe("allow");
  expect(said(yes, "policy")).toBe("--yes");
});

test("--yes never answers what a ceiling asks: that is for a person, or for nobody", async () => {
  const asked: string[] = [];
  const person = async ({ layer }: ApprovalTicket) => {
    asked.push(layer);
    return "deny" as const;
  };
  expect(await yesUnder({ approve: person }).approve?.(ticket("ceiling:/c.toml"), signal)).toBe("deny");
  expect(asked).toEqual(["ceiling:/c.toml"]);
  expect(said(yesUnder({ approve: person }), "ceiling:/c.toml")).toBe("terminal");
  await expect(yesUnder({}).approve?.(ticket("ceiling:/c.toml"), signal)).rejects.toThrow();
});
