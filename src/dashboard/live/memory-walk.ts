import type { LocalEntry } from '../../engine/local-entry.js';
import type { MemoryStore } from '../../stores/contracts.js';
import type { TemplateRow } from '../contract.js';

type Held = NonNullable<TemplateRow['memory']>;

/** So many entries are looked at in one step, which takes about a millisecond. */
const STEP = 10_000;

/** What memory has of each template, found by walking over it a part at a time: it may be large, and readers wait meanwhile. */
export class MemoryWalk {
  #entries: Iterator<LocalEntry> | undefined;
  #sums = new Map<string, { entries: number; bytes: number; unread: number }>();
  #found: ReadonlyMap<string, Held> | undefined;

  constructor(private readonly memory: MemoryStore<LocalEntry>) {}

  /** Of a template, as the last walk that ended has found it; `null` before the first. */
  of(template: string): Held | null {
    return this.#found === undefined ? null : (this.#found.get(template) ?? { entries: 0, bytes: 0, unread: 0 });
  }

  /** Goes on. */
  step(): void {
    this.#entries ??= this.memory.values()[Symbol.iterator]();
    for (let seen = 0; seen < STEP; seen += 1) {
      const next = this.#entries.next();
      if (next.done === true) {
        this.#found = this.#sums;
        this.#sums = new Map();
        this.#entries = undefined;
        return;
      }
      this.#add(next.value);
    }
  }

  #add({ family, bytes, isRead }: LocalEntry): void {
    let sum = this.#sums.get(family.label);
    if (!sum) this.#sums.set(family.label, (sum = { entries: 0, bytes: 0, unread: 0 }));
    sum.entries += 1;
    sum.bytes += bytes;
    if (!isRead) sum.unread += 1;
  }
}
