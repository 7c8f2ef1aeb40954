export { type CredentialCall, runCredentialCommand } from "./command/run.ts";
