/**
 * Whether a glob matches, by the definition and nothing clever: the set of places in the pattern at which one can be
 * after each character. `*` is any run of characters, `?` any one, everything else itself.
 */
export function globMatches(pattern: string, text: string): boolean {
  let places = withStarsSkipped(new Set([0]), pattern);
  for (const character of text) {
    const next = new Set<number>();
    for (const place of places) {
      if (pattern[place] === '*') next.add(place);
      else if (pattern[place] === '?' || pattern[place] === character) next.add(place + 1);
    }
    places = withStarsSkipped(next, pattern);
  }
  return places.has(pattern.length);
}

function withStarsSkipped(places: ReadonlySet<number>, pattern: string): Set<number> {
  const all = new Set(places);
  for (const place of all) if (pattern[place] === '*') all.add(place + 1);
  return all;
}
