/**
 * Finds the submodules of a repository in its index: entries of mode 160000, whose directories git enters on its own.
 * `.gitmodules` does not tell: git follows the index, whatever that file says. Format: gitformat-index(5), versions 2 to 4.
 */

const SIGNATURE = "DIRC";
const GITLINK = 0o160000;
/** Bytes of an entry before its object name: times, device, inode, mode, owner, size. */
const STAT_BYTES = 40;

/** Paths of submodules, relative to the work tree. Null: not an index that we can read. */
export function submodulePaths(index: Buffer, sha256: boolean): readonly string[] | null {
  if (index.length < 12 || index.toString("latin1", 0, 4) !== SIGNATURE) return null;
  // Most repositories have none, and then no entry needs to be read.
  if (!index.includes(Buffer.from([0, 0, 0xe0, 0]))) return [];
  const version = index.readUInt32BE(4);
  if (version < 2 || version > 4) return null;
  try {
    return readEntries(index, version, sha256 ? 32 : 20);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Reading past the end throws RangeError. */
function readEntries(index: Buffer, version: number, nameBytes: number): readonly string[] {
  const paths: string[] = [];
  let at = 12;
  let before: Buffer = Buffer.alloc(0);
  for (let left = index.readUInt32BE(8); left > 0; left--) {
    const mode = index.readUInt32BE(at + 24);
    const flagsAt = at + STAT_BYTES + nameBytes;
    const extended = (index.readUInt16BE(flagsAt) & 0x4000) !== 0 && version > 2;
    const pathAt = flagsAt + (extended ? 4 : 2);
    const path = version === 4 ? readPrefixed(index, pathAt, before) : readPlain(index, at, pathAt);
    before = path.bytes;
    at = path.end;
    if (mode === GITLINK) paths.push(path.bytes.toString("utf8"));
  }
  return paths;
}

/** Up to a NUL; the entry is padded with NUL to a multiple of eight bytes. */
function readPlain(index: Buffer, start: number, pathAt: number): { bytes: Buffer; end: number } {
  const nul = endOfText(index, pathAt);
  const length = nul - start;
  return { bytes: index.subarray(pathAt, nul), end: start + (length - (length % 8) + 8) };
}

/** Version 4: how many bytes of the path before are dropped, then what is appended. */
function readPrefixed(index: Buffer, pathAt: number, before: Buffer): { bytes: Buffer; end: number } {
  let at = pathAt;
  let byte = index.readUInt8(at++);
  let dropped = byte & 0x7f;
  while ((byte & 0x80) !== 0) {
    byte = index.readUInt8(at++);
    dropped = (dropped + 1) * 128 + (byte & 0x7f);
  }
  if (dropped > before.length) throw new RangeError("a path drops more than there was");
  const nul = endOfText(index, at);
  return { bytes: Buffer.concat([before.subarray(0, before.length - dropped), index.subarray(at, nul)]), end: nul + 1 };
}

function endOfText(index: Buffer, at: number): number {
  const nul = index.indexOf(0, at);
  if (nul < 0) throw new RangeError("a path has no end");
  return nul;
}
