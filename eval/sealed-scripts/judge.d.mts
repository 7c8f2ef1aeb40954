import type { Mistake } from "./scripts.mjs";
import type { World } from "./world.mjs";
export function judge(world: World, entry: Mistake): Promise<string | null>;
