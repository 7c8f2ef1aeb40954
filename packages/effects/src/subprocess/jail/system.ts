/**
 * What every jailed command sees besides what the policy grants: the system's programs and libraries, read-only, and
 * the few files of /etc that dynamic linking, time zones and certificates need. No accounts, no hosts, no homes, no
 * running services. The walk for denied files does not go through these: rules that name no directory (`**` first)
 * do not hide anything here, rules that name one do.
 */
import { lstatSync, readlinkSync } from "node:fs";
import { attempt } from "../../fs/attempt.ts";

/** Shown where they exist. Where they are links (into /usr), the link is made again. */
export const SYSTEM_DIRECTORIES = [
  "/usr",
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/nix/store",
] as const;

const ETC_FILES = [
  "alternatives",
  "ca-certificates",
  "crypto-policies",
  "gai.conf",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "localtime",
  "mime.types",
  "nsswitch.conf",
  "pki/ca-trust/extracted",
  "pki/tls/certs",
  "protocols",
  "services",
  "ssl/certs",
  "ssl/openssl.cnf",
  "terminfo",
  "timezone",
].map((name) => `/etc/${name}`);

/** bwrap's words for all of it. */
export function systemWords(): readonly string[] {
  const directories = SYSTEM_DIRECTORIES.flatMap((path) => {
    const stats = attempt(() => lstatSync(path));
    if (!stats.ok) return [];
    return stats.value.isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
  });
  return [...directories, ...ETC_FILES.flatMap((path) => ["--ro-bind-try", path, path])];
}
