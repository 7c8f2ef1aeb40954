/** The bare engine: quickjs-emscripten-core with the variant that agent-run ships, in the main thread, nothing around it. */
import { readFileSync } from "node:fs";
import variant from "@jitl/quickjs-wasmfile-release-sync";
import { newQuickJSWASMModuleFromVariant } from "quickjs-emscripten-core";

export async function bareEngine() {
  const engine = await newQuickJSWASMModuleFromVariant(variant);
  return {
    /** A new runtime and context for one script. */
    fresh(script) {
      const context = engine.newContext();
      const value = context.unwrapResult(context.evalCode(script));
      const number = context.getNumber(value);
      value.dispose();
      context.dispose();
      return number;
    },
    /** `count` calls of an ungated host function. */
    calls(name, argument, count) {
      const context = engine.newContext();
      const host = { getenv: (key) => process.env[key] ?? "", read: (path) => readFileSync(path, "utf8") };
      const fn = context.newFunction(name, (text) => context.newString(host[name](context.getString(text))));
      context.setProp(context.global, name, fn);
      fn.dispose();
      context
        .unwrapResult(context.evalCode(`for (let i = 0; i < ${count}; i++) ${name}(${JSON.stringify(argument)})`))
        .dispose();
      context.dispose();
    },
  };
}
