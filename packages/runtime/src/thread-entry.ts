/** First file of a run's thread. */
import { loadBundle } from "./bundle.ts";

loadBundle("worker.cjs");
