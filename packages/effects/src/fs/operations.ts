import type { AnyOperation } from "@agent-run/gate";
import { copy } from "./copy.ts";
import { remove } from "./delete.ts";
import { glob } from "./glob.ts";
import { list } from "./list.ts";
import { mkdir } from "./mkdir.ts";
import { move } from "./move.ts";
import { read } from "./read.ts";
import { exists, stat } from "./stat.ts";
import { write } from "./write.ts";

/** Everything a script can do with files. */
export const fsOperations: readonly AnyOperation[] = [read, list, glob, stat, exists, write, mkdir, remove, copy, move];
