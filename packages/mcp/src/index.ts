export { type Listener, openListener } from "./http/listener.ts";
export { serveMcpHttp } from "./http/serve-http.ts";
export { makeTokenFile } from "./http/token-file.ts";
export { serveMcp } from "./serve.ts";
