/** What a script is told: the words of a refusal say what to do, and hold neither tokens nor what only the policy knows of values. */
import { describe, expect, test } from "vitest";
import { misplaced, useOnly } from "./refusals.ts";
import { POLICY, policyOf, Scene } from "./scene.fixture.ts";

describe("a refusal", () => {
  test("shows displays in the place of tokens", () => {
    const scene = new Scene();
    const token = scene.read("INTERNAL_URL");
    const refusals = [
      scene.refusal("fs.write", { path: "out/a", data: token }),
      scene.refusal("net.request", { url: `https://docs.example.com/?q=${token}` }),
      scene.refusal("subprocess.exec", { argv: ["sort", token] }),
    ];
    for (const refusal of refusals) {
      expect(JSON.stringify(refusal)).not.toContain("sealed0");
      expect(refusal.message).toContain("[sealed env:INTERNAL_URL]");
    }
  });

  test("names the places that take local-only data, or says that there are none", () => {
    const scene = new Scene();
    const { hint } = scene.refusal("fs.write", { path: "out/a", data: scene.read("INTERNAL_URL") });
    expect(hint).toBe(
      "local-only data may go to: files at notes/**, files at diary/**, localhost:11434, the command sort",
    );
    const none = new Scene(
      'version = 1\n[filesystem]\nwrite_allow = ["out/**"]\n[environment]\nlocal_only_vars = ["INTERNAL_URL"]\n',
    );
    expect(none.refusal("fs.write", { path: "out/a", data: none.read("INTERNAL_URL") }).hint).toMatch(
      /^the policy has no place for it/,
    );
  });

  test("of a secret that goes nowhere near its slot names the slot", () => {
    const scene = new Scene();
    const { code, hint } = scene.refusal("fs.write", { path: "out/a", data: scene.read("GITHUB_TOKEN") });
    expect(code).toBe("E_SINK");
    expect(hint).toBe("use it as the command `gh *`, or the command `glab *`");
  });

  test("of a wildcard's host says that it is not the slot", () => {
    const scene = new Scene(
      POLICY.replace('host = "api.stripe.com"', 'host = "*.stripe.com"\nwildcard = true').replace(
        'methods = ["GET"]',
        'methods = ["HEAD"]',
      ),
    );
    const headers = [["authorization", `Bearer ${scene.read("STRIPE_KEY")}`]];
    const { code, message } = scene.refusal("net.request", { url: "https://api.stripe.com/v1/charges/1", headers });
    expect(code).toBe("E_SLOT");
    expect(message).toContain("the method is GET");
  });
});

test("a use-only secret without a use says that there is none", () => {
  const { data } = policyOf('version = 1\n[[secret]]\nname = "s"\nenv = "S"\n');
  expect(useOnly(data, "s")).toEqual({
    code: "E_USE_ONLY",
    message: "secret `s` can be used but not opened",
    hint: "the policy declares no use of it",
  });
});

test("a misplaced value that is no live handle any more is not named", () => {
  expect(misplaced(undefined, "file name").message).toBe(
    "a sealed value may not be a file name: others than the receiver see it",
  );
});
