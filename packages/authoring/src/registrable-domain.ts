/** The part of a host that somebody can register (`example.co.uk` of `a.example.co.uk`), for people; null: there is none. */
import { getDomain } from "tldts";

export const registrableDomain = (host: string): string | null => getDomain(host, { allowPrivateDomains: true });
