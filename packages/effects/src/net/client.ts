/**
 * Loads undici's client, and only that. Loading the whole of undici costs about 60 ms of CPU (fetch, cookies, caches,
 * web sockets), its client alone about 20; besides, the whole installs a process-wide dispatcher that we do not want.
 * The version is pinned; a test holds this file against what undici exports.
 */
import type { Client } from "undici";

export async function loadClient(): Promise<typeof Client> {
  const { default: client } = await import("undici/lib/dispatcher/client.js");
  return client;
}
