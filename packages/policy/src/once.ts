/** A value that is made when it is first needed, and never again: most patterns of a policy are never near a call. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
