/**
 * `apply_patch`: the files that a patch touches. Only its headers matter; a line that some reader could take for a header
 * counts as one, and what is no patch from its first line to its last is refused.
 */
export interface PatchedFile {
  readonly on: "fs.read" | "fs.write" | "fs.delete";
  readonly path: string;
}

/** Null: it is no patch that is known here. */
export function patchedFiles(patch: string): readonly PatchedFile[] | null {
  const lines = patch
    .trim()
    .split("\n")
    .map((line) => line.replace(/\r$/, ""));
  if (lines[0]?.trim() !== "*** Begin Patch" || lines[lines.length - 1]?.trim() !== "*** End Patch") return null;
  const files: PatchedFile[] = [];
  let updated: string | null = null;
  for (const line of lines.slice(1, -1)) {
    // `+` and `-` lines are contents; one that begins with a blank may be contents or a header, so it is one.
    if (/^[+-]/.test(line) || !line.trim().startsWith("***")) continue;
    const header = /^\*\*\* (Add File|Delete File|Update File|Move to): ?(.*)$/s.exec(line.trim());
    if (header === null) {
      if (line.trim() === "*** End of File") continue;
      return null;
    }
    const [, what, path = ""] = header;
    if (path === "") return null;
    if (what === "Add File") files.push({ on: "fs.write", path });
    else if (what === "Delete File") files.push({ on: "fs.read", path }, { on: "fs.delete", path });
    else if (what === "Update File") files.push({ on: "fs.read", path }, { on: "fs.write", path });
    else {
      if (updated === null) return null;
      files.push({ on: "fs.delete", path: updated }, { on: "fs.write", path });
    }
    updated = what === "Update File" ? path : null;
  }
  return files.length === 0 ? null : files;
}
