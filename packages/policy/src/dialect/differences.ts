/** What is different about every entry of a list; said at its first. */
import type { Said } from "./carrying.ts";

export const OWN_DIRECTORY: Said = {
  message:
    "`src/**` covers the directory `src` itself here, and `*` and `?` stay within a name; there they crossed `/`",
  hint: "write `**/` where directories are meant",
};

export const ONE_PORT: Said = {
  message:
    "a host is granted over https on port 443 here, and never at a private address; there on every scheme and port",
  hint: "write `http://name:PORT` or `https://name:*` in a policy with `version = 1`, and `[network.private_hosts]`",
};

export const ONE_PROGRAM: Said = {
  message: "a command is the program that `PATH` has when the policy is loaded; there any file of that name",
  hint: "write its path to name another",
};

export const SEALED: Said = {
  message:
    "what is local-only is sealed here: scripts use it and never hold it; there they held it and output was scrubbed",
  hint: 'write `version = 1` and `[local_only] mode = "redact"` for the weaker behaviour',
};
