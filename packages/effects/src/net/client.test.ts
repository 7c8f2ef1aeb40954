import { Client } from "undici";
import { expect, it } from "vitest";
import { loadClient } from "./client.ts";

it("the client that is loaded alone is the one that undici exports", async () => {
  expect(await loadClient()).toBe(Client);
});
