import type { Envelope } from '../codec/envelope.js';
import { parse } from '../codec/json.js';
import type { KeyFamily } from '../keys/key.js';
import type { Migrate } from '../keys/value-schema.js';
import { type Awaitable, whenThere } from '../primitives/awaitable.js';
import { withDeadline } from '../primitives/deadline.js';
import {
  isRefusal,
  LONGEST_SHAPING,
  type Shaped,
  shapeOf,
  type ShapeParts,
  tellRefusal,
  TooSlow,
} from './value-shape.js';

/** What readers get for an entry, or why it is a miss. */
export type EntryValue = { readonly value: unknown } | { readonly cause: 'version' | 'invalid' | 'unreadable' };

/** Whether the value of an entry of `version` is one of the family's, or can be made one. */
export function isOfFamily({ version: today, migrate }: KeyFamily, version: number): boolean {
  return version === today || (version < today && migrate !== undefined);
}

/** The value of an entry as its key's template has it today; in this turn, unless a migration or a schema takes longer. Never throws. */
export function valueOf(
  parts: ShapeParts,
  family: KeyFamily,
  { version, payload }: Pick<Envelope, 'version' | 'payload'>,
): Awaitable<EntryValue> {
  const { migrate } = family;
  try {
    if (version !== family.version && migrate)
      return migrated(parts, family, { version, value: parse(payload), migrate });
    return whenThere(shapeOf(parts, family, payload), (shaped) => verdictOf(parts, family, shaped));
  } catch {
    return { cause: 'unreadable' };
  }
}

function verdictOf(parts: ShapeParts, family: KeyFamily, shaped: Shaped): EntryValue {
  if (!isRefusal(shaped)) return shaped;
  tellRefusal(parts, family, 'entry', shaped);
  return { cause: 'invalid' };
}

/** What a migration returns goes through JSON like what a loader returns, so that readers get the same from both. */
async function migrated(
  parts: ShapeParts,
  family: KeyFamily,
  { version, value, migrate }: { readonly version: number; readonly value: unknown; readonly migrate: Migrate },
): Promise<EntryValue> {
  let json: string | undefined;
  try {
    const made = Promise.resolve(migrate(value, version));
    json = JSON.stringify(await withDeadline(parts.clock, LONGEST_SHAPING, made, () => new TooSlow('migrate is slow')));
  } catch (error) {
    parts.observer.on({ type: 'migration.failed', label: family.label, fromVersion: version, error });
  }
  if (json === undefined) return { cause: 'version' };
  return verdictOf(parts, family, await shapeOf(parts, family, json));
}
