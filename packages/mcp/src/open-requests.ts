/**
 * A transport that knows which requests were read and have no answer yet, so that a server whose input has ended can
 * answer them before it goes. A cancelled request gets none, and a subscription is answered when the server ends.
 */
import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  type JSONRPCMessage,
  type RequestId,
  type Transport,
} from "@modelcontextprotocol/server";

export class OpenRequests implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #wire: Transport;
  readonly #open = new Set<RequestId>();
  readonly #waiting = new Set<() => void>();

  constructor(wire: Transport) {
    this.#wire = wire;
    wire.onclose = () => {
      this.#settle();
      this.onclose?.();
    };
    wire.onerror = (error) => this.onerror?.(error);
    wire.onmessage = (message) => {
      this.#note(message);
      this.onmessage?.(message);
    };
  }

  start(): Promise<void> {
    return this.#wire.start();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    try {
      await this.#wire.send(message);
    } finally {
      if (!("method" in message) && message.id !== undefined) this.#close(message.id);
    }
  }

  close(): Promise<void> {
    return this.#wire.close();
  }

  /** Resolves once every request that was read has its answer on the wire, the wire is closed, or `ms` milliseconds are over. */
  async answered(ms: number): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      const enough = setTimeout(resolve, ms);
      this.#waiting.add(() => {
        clearTimeout(enough);
        resolve();
      });
    });
  }

  #note(message: JSONRPCMessage): void {
    if (isJSONRPCRequest(message)) {
      if (message.method !== "subscriptions/listen") this.#open.add(message.id);
    } else if (isJSONRPCNotification(message) && message.method === "notifications/cancelled") {
      this.#close(message.params?.requestId as RequestId);
    }
  }

  #close(id: RequestId): void {
    this.#open.delete(id);
    if (this.#open.size === 0) this.#settle();
  }

  #settle(): void {
    for (const done of this.#waiting) done();
    this.#waiting.clear();
  }
}
