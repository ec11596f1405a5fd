/** Figures with their units, as they are shown. `–` is what is not known. */
export const UNKNOWN = '–';

/** Between a figure and its unit. */
const NO_BREAK = '\u00a0';

const WHOLE = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const KIB = 1024;

/** `12,345`; from a million on `1.23 M`. */
export function count(value: number): string {
  if (value < 1e6) return WHOLE.format(value);
  return value < 1e9 ? `${significant(value / 1e6)}${NO_BREAK}M` : `${significant(value / 1e9)}${NO_BREAK}G`;
}

/** A count in a second, `0.4` or `1,234`. */
export function rate(value: number): string {
  return value > 0 && value < 10 ? significant(value) : count(value);
}

/** `93.4 %` of a share, 0 to 1. */
export function percent(share: number | null): string {
  if (share === null) return UNKNOWN;
  // Rounded down: what is not all is not 100 %.
  const tenths = Math.floor(share * 1000 + 1e-9) / 10;
  return `${share === 0 || share === 1 ? tenths : tenths.toFixed(1)}${NO_BREAK}%`;
}

/** `80 %` of a share that is set, such as a target. */
export function roundPercent(share: number): string {
  return `${significant(share * 100)}${NO_BREAK}%`;
}

/** `312 µs`, `4.2 ms`, `1.25 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(seconds: number | null): string {
  if (seconds === null) return UNKNOWN;
  if (seconds === 0) return `0${NO_BREAK}s`;
  if (seconds < 1e-3) return `${significant(seconds * 1e6)}${NO_BREAK}µs`;
  if (seconds < 1) return `${significant(seconds * 1e3)}${NO_BREAK}ms`;
  if (seconds < 60) return `${significant(seconds)}${NO_BREAK}s`;
  if (seconds < 3600) return pair(seconds, 60, ['min', 's']);
  return seconds < 86_400 ? pair(seconds / 60, 60, ['h', 'min']) : pair(seconds / 3600, 24, ['d', 'h']);
}

/** `512 B`, `12.3 KiB`, `4.5 MiB`. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = value < KIB ? 0 : Math.min(units.length - 1, Math.floor(Math.log(value) / Math.log(KIB)));
  return `${significant(value / KIB ** step)}${NO_BREAK}${units[step] ?? ''}`;
}

/** `3.2 s ago`, by the clock of the server. */
export function ago(at: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  return seconds === 0 ? 'just now' : `${duration(seconds)} ago`;
}

/** `in 20 s` or `20 s ago`. */
export function fromNow(at: number, now: number): string {
  return at > now ? `in ${duration(Math.max(1, Math.round((at - now) / 1000)))}` : ago(at, now);
}

/** `14:03:22`, of the visitor's time zone; with the day where it is another one. */
export function instant(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  const time = then.toLocaleTimeString('en-GB');
  return then.toDateString() === today.toDateString() ? time : `${then.toLocaleDateString('en-CA')} ${time}`;
}

/** `1 key`, `2 keys`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

function significant(value: number): string {
  return value >= 100 ? WHOLE.format(value) : String(Number(value.toPrecision(value >= 10 ? 3 : 2)));
}

function pair(value: number, size: number, [large, small]: readonly [string, string]): string {
  const [whole, rest] = [Math.floor(value / size), Math.floor(value % size)];
  return rest === 0 ? `${whole}${NO_BREAK}${large}` : `${whole}${NO_BREAK}${large} ${rest}${NO_BREAK}${small}`;
}
