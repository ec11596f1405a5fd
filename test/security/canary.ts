import { inspect } from 'node:util';

/** What may be shown nowhere, and so is given a mark by which it is known wherever it turns up. */
export type Secret = 'password' | 'value' | 'tenant' | 'key';

const MARK = 'canary0f5';

/** A secret of one run, such as `canary0f5-password-7`. It stands for itself in keys, values and addresses. */
export function canary(secret: Secret, run: number): string {
  return `${MARK}-${secret}-${run}`;
}

const bytes = Buffer.from(MARK);

/** The mark within base64, which depends on how many bytes stand before it. */
function base64Of(before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes, Buffer.alloc(3)]).toString('base64');
  const from = Math.ceil((before * 8) / 6);
  return text.slice(from, Math.floor(((before + bytes.length) * 8) / 6));
}

/** How the mark looks in what tools make of bytes: hexadecimal, `util.inspect` and JSON of a Buffer, base64. */
const DISGUISES = [
  bytes.toString('hex'),
  bytes.toString('hex').replace(/..(?!$)/g, '$& '),
  [...bytes].join(','),
  [...bytes].join(', '),
  ...[0, 1, 2].map(base64Of),
];

/** A place where a secret may be shown after all. */
export interface Allowed {
  readonly place: string;
  readonly secrets: readonly Secret[];
  /** What the shown text has to be like. */
  readonly form: RegExp;
  readonly reason: string;
}

/** Something that was shown, and should not have been. */
export interface Leak {
  readonly place: string;
  readonly secret: string;
  readonly text: string;
}

/** Looks at all that is shown, and keeps what shows a secret. */
export class Watch {
  readonly leaks: Leak[] = [];
  /** How many characters were looked at, by place. */
  readonly seen = new Map<string, number>();
  /** Which of the allowed places have shown a secret. */
  readonly used = new Set<Allowed>();

  /** @param words further secrets, as they are, and what they are */
  constructor(
    private readonly allowed: readonly Allowed[],
    private readonly words: ReadonlyMap<string, Secret> = new Map(),
  ) {}

  /** Something was shown at a place: text, or a thing that somebody may print in any of the usual ways. */
  see(place: string, shown: unknown): void {
    const text = typeof shown === 'string' ? shown : printed(shown);
    this.seen.set(place, (this.seen.get(place) ?? 0) + text.length);
    for (const secret of secretsIn(text, this.words))
      if (!this.#allows(place, secret, text)) this.leaks.push({ place, secret, text });
  }

  #allows(place: string, secret: string, text: string): boolean {
    const allowing = this.allowed.find(
      (each) => each.place === place && each.form.test(text) && each.secrets.includes(secret as Secret),
    );
    if (allowing) this.used.add(allowing);
    return allowing !== undefined;
  }
}

/** All that `util.inspect` finds, causes and hidden properties included, and what JSON makes of it. */
function printed(shown: unknown): string {
  const options = { depth: 12, showHidden: true, getters: true, maxStringLength: null, maxArrayLength: null } as const;
  return `${inspect(shown, options)}\n${asJson(shown)}\n${String(shown)}`;
}

function asJson(shown: unknown): string {
  try {
    return JSON.stringify(shown);
  } catch {
    return '';
  }
}

function secretsIn(text: string, words: ReadonlyMap<string, Secret>): Set<string> {
  const found = new Set<string>();
  for (const [, secret] of text.matchAll(new RegExp(`${MARK}-([a-z]+)`, 'g'))) found.add(secret as string);
  for (const disguise of DISGUISES) if (text.includes(disguise)) found.add(`disguised as ${disguise}`);
  for (const [word, secret] of words) if (text.includes(word)) found.add(secret);
  return found;
}
