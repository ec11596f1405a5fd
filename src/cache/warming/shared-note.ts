import { ignoring } from '../../engine/load-lease.js';
import { identityOf } from '../../codec/envelope.js';
import type { Random } from '../../primitives/random.js';
import type { Milliseconds } from '../../primitives/units.js';
import type { RemoteStore } from '../../stores/contracts.js';

/** What notes are made with. */
export interface SharedNoteParts {
  readonly remote: RemoteStore;
  readonly random: Random;
  /** How long one instance may hold a note until it must be renewed. */
  readonly duration: Milliseconds;
}

/** What came of asking for a lease. `busy`: somebody else has it. `unwanted`: what is written need not be replaced. */
export type Seizure =
  | { readonly kind: 'held'; readonly note: HeldNote }
  | { readonly kind: 'busy' }
  | { readonly kind: 'unwanted'; readonly text: string };

const NOTHING = Buffer.alloc(0);
const TOKEN_LENGTH = 12;

/**
 * A short text that the instances share, written by whoever holds its lease: kept as entries are, under a name outside the
 * key alphabet, so that it costs no command, no right and no name in Redis that entries do not need.
 */
export class SharedNote {
  constructor(
    private readonly parts: SharedNoteParts,
    private readonly name: string,
  ) {}

  /** What was written; `undefined` for nothing. One round trip. @throws RemoteStoreError */
  async read(): Promise<string | undefined> {
    const { entries } = await this.parts.remote.fetch({ keys: [this.name], tags: [], leases: false });
    return textOf(entries[0] ?? NOTHING);
  }

  /** Takes the lease, where somebody else has not. One round trip, two where something is written. @throws RemoteStoreError */
  async seize(isWanted: (text: string) => boolean = () => true): Promise<Seizure> {
    const { remote, random, duration } = this.parts;
    let seen: Buffer = NOTHING;
    let text: string | undefined;
    for (;;) {
      const token = random.token();
      const asked = remote.acquire({ key: this.name, token, duration, seen, keepSeen: true });
      // It may have been granted although we were not told.
      asked.catch(() => ignoring(remote.release(this.name, token)));
      const answer = await asked;
      if (answer.kind === 'busy') return answer;
      if (answer.kind === 'granted')
        return { kind: 'held', note: new HeldNote(this.parts, { name: this.name, token, text }) };
      text = textOf(answer.bytes);
      if (text !== undefined && !isWanted(text)) return { kind: 'unwanted', text };
      seen = identityOf(answer.bytes);
    }
  }
}

/** A note whose lease is held. */
export class HeldNote {
  constructor(
    private readonly parts: SharedNoteParts,
    private readonly held: { readonly name: string; readonly token: string; readonly text: string | undefined },
  ) {}

  /** What was written when the lease was taken. */
  get text(): string | undefined {
    return this.held.text;
  }

  /** Renews the lease; false where it was lost. One round trip. @throws RemoteStoreError */
  renew(): Promise<boolean> {
    return this.parts.remote.extend(this.held.name, this.held.token, this.parts.duration);
  }

  /** Writes and gives the lease back; false where that was lost. One round trip. @throws RemoteStoreError */
  async write(text: string, keepFor: Milliseconds): Promise<boolean> {
    const { name, token } = this.held;
    const bytes = Buffer.from(this.parts.random.token() + text);
    const [isWritten] = await this.parts.remote.fill([{ key: name, token, bytes, keepFor }]);
    return isWritten === true;
  }

  /** Gives the lease back with nothing written. One round trip. @throws RemoteStoreError */
  release(): Promise<void> {
    return this.parts.remote.release(this.held.name, this.held.token);
  }
}

/** What was written into the bytes of a note. Without the random characters in front, by which one writing is told from another. */
export function textOf(bytes: Buffer): string | undefined {
  return bytes.length < TOKEN_LENGTH ? undefined : bytes.toString('utf8', TOKEN_LENGTH);
}
