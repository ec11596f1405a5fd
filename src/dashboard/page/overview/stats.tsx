import type { JSX } from 'preact';
import type { Latency, Overview } from '../../contract.js';
import { bytes, count, duration, percent, rate, roundPercent, UNKNOWN } from '../format.js';
import { errorsOf, ratioAt } from '../live/samples.js';
import { type Page, usePage } from '../page-context.js';
import { StateBadge, type Tone } from '../parts/badge.js';
import { Meter } from '../parts/meter.js';
import { Stat } from '../parts/stat.js';

const MINUTE = 60;

/** The figures at the top. */
export function OverviewStats(): JSX.Element {
  const page = usePage();
  const { overview } = page.cache;
  return (
    <dl class="stats">
      <HitRatio {...page} />
      <Stat label="Operations" value={`${rate(overview.operationsPerSecond)}/s`}>
        {count(overview.operations)} since the start
      </Stat>
      <Latencies latency={overview.latency} />
      <Failures {...page} />
      <Memory {...overview.memory} />
      <Circuits {...page} />
      <Coherence {...overview} isCoherent={page.state.health?.coherent ?? false} />
      <Stat label="Instances" value={count(overview.instances.length)}>
        that the ledger tells of
      </Stat>
    </dl>
  );
}

function HitRatio({ cache: { samples, overview }, snapshot: { target } }: Page): JSX.Element {
  const lately = ratioAt(samples, samples.length - 1, MINUTE);
  const tone = lately === null ? 'quiet' : lately >= target ? 'good' : 'warn';
  return (
    <Stat label="Hit ratio" tone={tone} value={percent(lately)}>
      last minute; since the start {percent(overview.hitRatio)}, target {roundPercent(target)}
    </Stat>
  );
}

function Latencies({ latency }: { latency: Latency | null }): JSX.Element {
  const said = (seconds: number | undefined): string => {
    if (seconds === undefined) return UNKNOWN;
    return `${seconds === latency?.ceiling ? '≥ ' : ''}${duration(seconds)}`;
  };
  return (
    <Stat label="Latency p50" value={said(latency?.p50)}>
      {latency ? `p95 ${said(latency.p95)}, p99 ${said(latency.p99)}; last 10 s` : 'no operation in the last 10 s'}
    </Stat>
  );
}

function Failures({ cache: { samples, overview } }: Page): JSX.Element {
  const before = samples.at(-MINUTE - 1) ?? samples[0];
  const lately = errorsOf(overview) - (before ? errorsOf(before.overview) : 0);
  return (
    <Stat label="Errors" tone={lately > 0 ? 'bad' : 'quiet'} value={count(lately)}>
      last minute; {count(errorsOf(overview))} since the start
    </Stat>
  );
}

function Memory({ entries, bytes: used, maxEntries, maxBytes, evictions }: Overview['memory']): JSX.Element {
  return (
    <Stat label="Memory (L1)" value={bytes(used)}>
      <Meter share={used / maxBytes} label={`${percent(used / maxBytes)} of ${bytes(maxBytes)}`} />
      of {bytes(maxBytes)}; {count(entries)} of {count(maxEntries)} entries, {count(evictions)} evicted
    </Stat>
  );
}

function Circuits({ state: { health } }: Page): JSX.Element {
  const circuits = Object.entries(health?.circuits ?? {});
  const worst = circuits.find(([, state]) => state === 'open') ?? circuits.find(([, state]) => state !== 'closed');
  const tone: Tone = worst ? 'bad' : 'quiet';
  return (
    <Stat label="Circuit" tone={tone} value={worst?.[1] ?? circuits[0]?.[1] ?? UNKNOWN}>
      {circuits.map(([name, state]) => (
        <span key={name} class="pair">
          {name} <StateBadge state={state} />
        </span>
      ))}
    </Stat>
  );
}

function Coherence({ coherenceLag, coherenceWindow, isCoherent }: Overview & { isCoherent: boolean }): JSX.Element {
  if (coherenceWindow === 0)
    return (
      <Stat label="Coherence lag" value={UNKNOWN}>
        there is no Redis: memory is all
      </Stat>
    );
  return (
    <Stat label="Coherence lag" tone={isCoherent ? 'quiet' : 'bad'} value={duration(coherenceLag)}>
      {isCoherent ? 'memory is trusted' : 'memory is not trusted'}; window {duration(coherenceWindow)}
    </Stat>
  );
}
