/** The nouns of the domain. In a key, `user:123` between colons names the user 123. */
export const ENTITIES = Object.freeze(['metric', 'user', 'agent', 'workspace'] as const);

/** One noun of the domain. */
export type Entity = (typeof ENTITIES)[number];

const names: ReadonlySet<string> = new Set(ENTITIES);

/**
 * The tags that a key carries by its form: every entity name followed by a segment. `metric:cpu:user:123:30d` carries
 * `metric:cpu` and `user:123`, so a change of the user reaches it although the key does not begin with the user.
 */
export function entityTags(segments: readonly string[]): string[] {
  const tags: string[] = [];
  for (let i = 0; i + 1 < segments.length; i++) {
    const name = segments[i] as string;
    if (!names.has(name)) continue;
    tags.push(`${name}:${segments[i + 1] as string}`);
    i++;
  }
  return tags;
}
