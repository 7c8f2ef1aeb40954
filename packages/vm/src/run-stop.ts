import type { FatalCode } from "@agent-run/gate";

/**
 * Thrown by the host through the frames of the VM to end a run. Not an Error: it has no stack to compute and no script
 * ever sees it.
 */
export class RunStop {
  readonly code: FatalCode;

  constructor(code: FatalCode) {
    this.code = code;
  }
}
