/** Where a policy says what its ceilings must agree to: from its files, or as far as a loaded policy knows. */
import type { ConsentPlaces } from "./ceiling-consent.ts";
import type { KeyPath } from "./keys.ts";
import type { Layer } from "./merge.ts";
import type { PolicyData } from "./policy-data.ts";
import { placeIn, type Source, START } from "./problem.ts";
import type { RawTable } from "./read-tables.ts";
import type { PolicyPlace } from "./world.ts";

/** To the line and column. */
export function consentPlaces({ scalars, tables }: Layer, main: Source): ConsentPlaces {
  const start = placeIn(main, START);
  const of = (table: RawTable | undefined) => (table === undefined ? start : placeIn(table.source, table.at));
  return {
    scalar(key: KeyPath) {
      const scalar = scalars.get(key);
      return scalar === undefined ? start : placeIn(scalar.source, scalar.at);
    },
    secret({ name }, use) {
      const found = tables.secrets.find(({ data }) => data.name === name);
      return of(use === undefined ? found?.table : (found?.uses[use]?.table ?? found?.table));
    },
    release: ({ name }) => of(tables.releases.find(({ data }) => data.name === name)?.table),
  };
}

/** To the line, of a policy whose text is not at hand any more. */
export function knownPlaces({ files, sandboxAt }: PolicyData): ConsentPlaces {
  const start: PolicyPlace = { file: files[0]?.path ?? "policy", line: 1, column: 1, text: "" };
  const of = ({ file = start.file, line = 1 }: { file?: string; line?: number }) => ({ ...start, file, line });
  return {
    scalar: (key) => (key === "subprocess.sandbox" && sandboxAt !== null ? sandboxAt : start),
    secret: ({ ref, uses }, use) => of(use === undefined ? ref : (uses[use]?.ref ?? ref)),
    release: ({ ref }) => of(ref),
  };
}
