import type { JSX } from 'preact';
import type { TemplateRow } from '../../contract.js';
import { bytes, count, duration, percent, UNKNOWN } from '../format.js';
import { readsOf, type Spark } from '../live/samples.js';
import { Badge } from '../parts/badge.js';
import { Name } from '../parts/name.js';
import { Sparkline } from '../parts/sparkline.js';
import type { Column } from '../parts/table.js';

interface Surroundings {
  /** The template whose details are shown. */
  readonly open: string | null;
  readonly toggle: (template: string) => void;
  readonly sparks: ReadonlyMap<string, Spark>;
  readonly target: number;
}

/** The columns of the templates. One is added by an entry here. */
export function columnsOf({ open, toggle, sparks, target }: Surroundings): Column<TemplateRow>[] {
  return [
    {
      name: 'Template',
      by: ({ template }) => template,
      cell: ({ template }) => (
        <button type="button" class="row" aria-expanded={open === template} onClick={() => toggle(template)}>
          <Name>{template}</Name>
        </button>
      ),
    },
    { name: 'Reads', isNumber: true, by: readsOf, cell: (row) => count(readsOf(row)) },
    {
      name: 'Hit ratio',
      isNumber: true,
      by: ({ hitRatio }) => hitRatio ?? -1,
      cell: ({ hitRatio }) => (
        <span class={hitRatio !== null && hitRatio < target ? 'low' : undefined}>{percent(hitRatio)}</span>
      ),
    },
    {
      name: 'Last minute',
      hint: 'Reads in each second of the last minute',
      cell: ({ template }) => <Reads spark={sparks.get(template) ?? []} template={template} />,
    },
    ...COUNTS,
    {
      name: 'TTL',
      isNumber: true,
      by: ({ ttl }) => ttl ?? 0,
      cell: ({ ttl }) => (ttl === null ? 'by timeframe' : duration(ttl)),
    },
    { name: 'Advice', cell: ({ advice }) => advice && <Badge tone="warn">{ADVICE[advice.kind]}</Badge> },
  ];
}

/** What advice is about, in a word or two. */
const ADVICE = {
  longer: 'longer TTL',
  shorter: 'shorter TTL',
  uncached: 'do not cache',
  event: 'look at events',
} as const;

const COUNTS: readonly Column<TemplateRow>[] = [
  {
    name: 'Hits L1',
    isNumber: true,
    hint: 'From the memory of this process',
    by: ({ hits }) => hits.l1,
    cell: ({ hits }) => count(hits.l1),
  },
  {
    name: 'Hits L2',
    isNumber: true,
    hint: 'From Redis',
    by: ({ hits }) => hits.l2,
    cell: ({ hits }) => count(hits.l2),
  },
  {
    name: 'Misses',
    isNumber: true,
    by: ({ misses }) => misses,
    cell: ({ misses }) => count(misses),
  },
  {
    name: 'Mainly by',
    hint: 'The most frequent cause of its misses',
    cell: (row) => <span class="whole">{mainCause(row)}</span>,
  },
  {
    name: 'Load',
    isNumber: true,
    hint: 'The mean time of a load',
    by: ({ meanLoad }) => meanLoad ?? 0,
    cell: ({ meanLoad }) => duration(meanLoad),
  },
  {
    name: 'Saved',
    isNumber: true,
    hint: 'Time of loads that hits have saved',
    by: ({ timeSaved }) => timeSaved,
    cell: ({ timeSaved }) => duration(timeSaved),
  },
  {
    name: 'Memory',
    isNumber: true,
    hint: 'In the memory of this process',
    by: ({ memory }) => memory?.bytes ?? 0,
    cell: ({ memory }) => (memory ? bytes(memory.bytes) : UNKNOWN),
  },
];

function mainCause({ missesByCause, misses }: TemplateRow): string {
  const [main] = Object.entries(missesByCause).sort(([, a], [, b]) => b - a);
  return main && misses > 0 ? `${main[0]} ${Math.round((100 * main[1]) / misses)} %` : '';
}

function Reads({ spark, template }: { spark: Spark; template: string }): JSX.Element {
  const sum = spark.reduce((total, reads) => total + reads, 0);
  return <Sparkline values={spark} label={`${template}: ${count(sum)} reads in the last minute`} />;
}
