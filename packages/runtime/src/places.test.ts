import { afterEach, expect, test, vi } from "vitest";
import { NoStateDirectory, stateDirectory } from "./places.ts";

const { account } = vi.hoisted(() => ({ account: { home: "/home/account" as string | null } }));
vi.mock("node:os", async (original) => ({
  ...(await original<typeof import("node:os")>()),
  userInfo: () => {
    if (account.home === null) throw new Error("no such account");
    return { homedir: account.home };
  },
}));

afterEach(() => {
  vi.unstubAllEnvs();
  account.home = "/home/account";
});

test.each([
  ["/state", "/home/me", "/state/agent-run"],
  ["relative", "/home/me", "/home/me/.local/state/agent-run"],
  ["", "/home/me", "/home/me/.local/state/agent-run"],
  ["", "", "/home/account/.local/state/agent-run"],
  ["", "relative", "/home/account/.local/state/agent-run"],
])("with XDG_STATE_HOME=%j and HOME=%j the state is in %s", (state, home, expected) => {
  vi.stubEnv("XDG_STATE_HOME", state);
  vi.stubEnv("HOME", home);
  expect(stateDirectory()).toBe(expected);
});

test.each([null, "", "relative"])("without a variable and with an account's home of %j there is none", (home) => {
  vi.stubEnv("XDG_STATE_HOME", "");
  vi.stubEnv("HOME", "");
  account.home = home;
  expect(() => stateDirectory()).toThrow(NoStateDirectory);
});
