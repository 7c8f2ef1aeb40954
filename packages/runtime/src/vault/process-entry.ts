/** First file of the vault's process. */
import { loadBundle } from "../bundle.ts";

loadBundle("vault.cjs");
