/** Where the built parts are, as this package sees them. */
export { assetsDirectory, imageHash, readPart } from "@agent-run/vm/installation";
