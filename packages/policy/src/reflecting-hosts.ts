/**
 * Hosts that answer with what they were sent, or show it to whoever made them: a public answer of theirs would hand the
 * script the secret that was put into the request. The list can not be complete; it catches the ones people try first.
 */
import type { HostPattern } from "./policy-data.ts";

const HOSTS: readonly string[] = (
  "httpbin.org httpbingo.org httpbin.dev postman-echo.com webhook.site requestbin.com requestbin.net pipedream.net " +
  "beeceptor.com requestcatcher.com reqbin.com mockbin.org mockbin.io hookbin.com ptsv2.com ptsv3.com httpdump.app " +
  "echo-api.io reqres.in echo.websocket.org jsonplaceholder.typicode.com postb.in hookdeck.com typedwebhook.tools " +
  "ngrok.io ngrok.app ngrok.dev ngrok-free.app ngrok-free.dev trycloudflare.com loca.lt localtunnel.me serveo.net " +
  "localhost.run lhr.life bore.pub burpcollaborator.net oastify.com interact.sh oast.pro oast.live oast.site " +
  "oast.online oast.fun oast.me canarytokens.com canarytokens.org"
).split(" ");

/** The known one that the pattern covers, or null. */
export function reflectingHost({ host }: HostPattern): string | null {
  const suffix = host.startsWith("*.") ? host.slice(1) : null;
  const covers = (known: string) =>
    host === known || host.endsWith(`.${known}`) || (suffix !== null && known.endsWith(suffix));
  return HOSTS.find(covers) ?? null;
}
