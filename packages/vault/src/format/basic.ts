/** Basic credentials, RFC 7617: the user is public and without a colon, which would move the border to the password. */
import { type Attempt, done, failed } from "../plain.ts";
import { isWellFormed } from "../substitute/splice.ts";

/** What stands behind `Basic `. */
export function basicCredentials(user: string, secret: string): Attempt<string> {
  if (user.includes(":")) return failed("the user name of Basic credentials holds a colon");
  const pair = `${user}:${secret}`;
  if (/\p{Cc}/u.test(pair)) return failed("Basic credentials hold no control characters");
  if (!isWellFormed(pair)) return failed("the value holds half a surrogate pair, which UTF-8 cannot");
  return done(Buffer.from(pair, "utf8").toString("base64"));
}
