/**
 * Values in a URL: percent-encoded in the path and the query, refused everywhere else. A value must not choose the host,
 * nor walk up the path: `..` as a whole segment would be resolved by whoever parses the URL next, escaped or not.
 */
import { type Attempt, done, failed, type PlainOf } from "../plain.ts";
import { component, holdsToken, splice } from "./splice.ts";

/** RFC 3986, appendix B, for URLs with an authority. */
const PARTS = /^([^:/?#]*:)\/\/([^/?#]+)([^?#]*)(\?[^#]*)?(#.*)?$/s;
/** WHATWG drops these or reads them as slashes, so the host may be another one than the pattern above sees. */
const SHIFTY = /[\\\s\p{Cc}]/u;
/** WHATWG: `.`, `..` and their escaped spellings. */
const DOT_SEGMENT = /^(\.|%2e){1,2}$/i;

/** An absolute URL with tokens in path segments, names and values of the query. */
export function inUrl(url: string, values: PlainOf): Attempt<string> {
  if (!holdsToken(url, values)) return done(url);
  const [, scheme = "", authority = "", path = "", query = "", fragment = ""] = PARTS.exec(url) ?? [];
  if (scheme === "" || SHIFTY.test(authority + path)) return failed("the URL is not an absolute one in canonical form");
  if ([scheme, authority, fragment].some((part) => holdsToken(part, values))) {
    return failed("a sealed value stands in the URL outside of its path and query");
  }
  const filledPath = inPath(path, values);
  if (!filledPath.ok) return filledPath;
  const filledQuery = splice(query, values, component);
  if (!filledQuery.ok) return filledQuery;
  return done(`${scheme}//${authority}${filledPath.value}${filledQuery.value}${fragment}`);
}

function inPath(path: string, values: PlainOf): Attempt<string> {
  const filled: string[] = [];
  for (const segment of path.split("/")) {
    const text = splice(segment, values, component);
    if (!text.ok) return text;
    if (DOT_SEGMENT.test(text.value)) {
      return failed("a segment of the URL's path would be `.` or `..`");
    }
    filled.push(text.value);
  }
  return done(filled.join("/"));
}
