/**
 * Which certificate authorities a request trusts: Node's own, the operator's (NODE_EXTRA_CA_CERTS) and, where an
 * embedder gives one, another. Nothing that a script says changes it, and nothing turns verification off.
 */
import { readFileSync } from "node:fs";
import { createSecureContext, type SecureContext } from "node:tls";

/** Parsing the root certificates takes milliseconds and is needed for https only: once, at the first use. */
export function lazySecureContext(ca: string | undefined): () => SecureContext {
  let context: SecureContext | null = null;
  return () => {
    context ??= makeSecureContext(ca);
    return context;
  };
}

/**
 * Node's option `ca` replaces the roots, so ours are added to a context that has them. Node 20 copies its roots for
 * that, but without the extra ones; hence they are added, too.
 */
function makeSecureContext(ca: string | undefined): SecureContext {
  const secure = createSecureContext({ minVersion: "TLSv1.2" });
  if (ca === undefined) return secure;
  secure.context.addCACert(ca);
  const extra = readExtra(process.env.NODE_EXTRA_CA_CERTS);
  if (extra !== null) secure.context.addCACert(extra);
  return secure;
}

/** Null if there is none or it cannot be read; Node itself has warned about that when it started. */
function readExtra(path: string | undefined): string | null {
  if (path === undefined || path === "") return null;
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
