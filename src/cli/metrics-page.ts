import type { Milliseconds } from '../index.js';
import type { Clock } from './clock.js';

/** What an endpoint of metrics answered. */
export interface MetricsPage {
  readonly status: number;
  readonly text: string;
}

const LIMIT: Milliseconds = 2_000;

/** Asks an endpoint for its metrics, without the user and password of the URL; `undefined` where nobody answers in time. */
export async function metricsAt(url: string, clock: Clock): Promise<MetricsPage | undefined> {
  const bare = new URL(url);
  // `fetch` takes none in a URL.
  bare.username = bare.password = '';
  const abort = new AbortController();
  const cancel = clock.after(LIMIT, () => abort.abort());
  try {
    // A connection kept open would keep this process from ending.
    const response = await fetch(bare, { signal: abort.signal, headers: { connection: 'close' } });
    return { status: response.ok ? 200 : response.status, text: await response.text() };
  } catch {
    return undefined;
  } finally {
    cancel();
  }
}

/** The URL without user, password and query. */
export function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** The samples of a metric, with their labels as they stand; `undefined` where the page does not know it. */
export function samplesOf(
  text: string,
  name: string,
): readonly { readonly labels: string; readonly value: number }[] | undefined {
  if (!text.includes(`# TYPE ${name} `)) return undefined;
  const samples = text.matchAll(new RegExp(`^${name}(\\{[^\\n]*\\})? (\\S+)`, 'gm'));
  return [...samples].map(([, labels = '', value]) => ({ labels, value: Number(value) }));
}

/** The value of a label among labels as they stand. */
export function labelOf(labels: string, name: string): string | undefined {
  const [, value] = new RegExp(`[{,]${name}="((?:[^"\\\\]|\\\\.)*)"`).exec(labels) ?? [];
  return value?.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}
