/** What the vault needs to run commands by itself: the steps of `subprocess.exec`, and the parts of a credential's way. */
export { lazySecureContext } from "./net/trust.ts";
export { type ExecArguments, parseArguments } from "./subprocess/arguments.ts";
export { check } from "./subprocess/check.ts";
export { isNeverForChildren } from "./subprocess/child-names.ts";
export { credentialSight } from "./subprocess/clearance.ts";
export { type Door, type GitService, openDoor, repositoryPath } from "./subprocess/credential/door.ts";
export { JAIL_PORT, throughForwarder } from "./subprocess/credential/forwarder.ts";
export { makeGitDirectory } from "./subprocess/credential/git-directory.ts";
export { inPrivateDirectory } from "./subprocess/credential/private-directory.ts";
export { canonicalRequest } from "./subprocess/request.ts";
export { runCommand } from "./subprocess/run-command.ts";
