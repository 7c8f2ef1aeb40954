/** Keys of approvers: Ed25519, PKCS #8 in PEM, one file each, readable by its owner alone. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { createOwn, namesIn, readOwn } from "./own-files.ts";
import { publicKeyText } from "./signature.ts";

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const ENDING = ".pem";

export interface ApproverKey {
  readonly name: string;
  readonly path: string;
  /** As a policy writes it; null: the file can not be read. */
  readonly publicKey: string | null;
}

export const isKeyName = (name: string): boolean => NAME.test(name);

/** Null: there is one of this name already. */
export function newKey(directory: string, name: string): ApproverKey | null {
  const { privateKey } = generateKeyPairSync("ed25519");
  const path = join(directory, `${name}${ENDING}`);
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return createOwn(path, pem) ? { name, path, publicKey: publicKeyText(privateKey) } : null;
}

export const keysIn = (directory: string): readonly ApproverKey[] =>
  namesIn(directory)
    .filter((file) => file.endsWith(ENDING) && isKeyName(file.slice(0, -ENDING.length)))
    .map((file) => {
      const path = join(directory, file);
      return { name: file.slice(0, -ENDING.length), path, publicKey: publicKeyOf(path) };
    });

function publicKeyOf(path: string): string | null {
  try {
    return publicKeyText(readKey(path));
  } catch {
    return null;
  }
}

/** Throws what says why it can not be read. */
export function readKey(path: string): KeyObject {
  const pem = readOwn(path);
  if (pem === null) throw new TypeError(`there is no key \`${path}\``);
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== "ed25519") throw new TypeError(`\`${path}\` is no Ed25519 key`);
  return key;
}

/** The name under which the ticket takes this key; null: it does not. */
export function signerName(signers: Readonly<Record<string, string>>, key: KeyObject): string | null {
  const text = publicKeyText(key);
  return Object.entries(signers).find(([, known]) => known === text)?.[0] ?? null;
}
