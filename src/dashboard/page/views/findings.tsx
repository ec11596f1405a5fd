import type { JSX } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import type { Routes } from '../../contract.js';
import { count, counted, duration, instant } from '../format.js';
import { type Page, usePage } from '../page-context.js';
import { moveByArrows } from '../parts/arrow-rows.js';
import { Answered } from '../parts/notice.js';
import { type Column, Table } from '../parts/table.js';
import { Stat } from '../parts/stat.js';
import { useAnswer } from '../use-answer.js';
import { ExplanationFacts } from '../keys/explanation.js';

type Finding = Routes['findings']['answer'][number];

const SHOWN = 100;

/** What the auditor has found: values that were served although their source had long said otherwise. */
export function FindingsView(): JSX.Element {
  const { wire, cache, now } = usePage();
  const asked = useAnswer(useCallback(() => wire.get('findings', { limit: SHOWN }), [wire]));
  const [open, setOpen] = useState<string | null>(null);
  const toggle = (id: string): void => {
    setOpen((before) => (before === id ? null : id));
  };
  return (
    <section onKeyDown={moveByArrows}>
      <Checked cache={cache} />
      <div class="bar">
        <button type="button" onClick={() => void asked.ask()}>
          Look again
        </button>
        <span class="aside">Findings of all instances, as the ledger keeps them, newest first.</span>
      </div>
      <Answered asked={asked} loading="Reading the ledger…">
        {(findings) =>
          findings.length === 0 ? (
            <p class="empty">No finding: no value is known to have been served that its source had long replaced.</p>
          ) : (
            <Table
              label="Findings of spot checks"
              columns={columnsOf(now, open, toggle)}
              rows={findings}
              id={({ id }) => id}
              below={({ id, at, explanation }) =>
                open === id && <ExplanationFacts explanation={explanation} now={at} />
              }
            />
          )
        }
      </Answered>
    </section>
  );
}

function Checked({ cache }: Pick<Page, 'cache'>): JSX.Element {
  const rows = [...cache.templates.values()];
  const consistent = rows.reduce((sum, { spotChecks }) => sum + spotChecks.consistent, 0);
  const inconsistent = rows.reduce((sum, { spotChecks }) => sum + spotChecks.inconsistent, 0);
  const checked = rows.filter(({ spotChecks }) => spotChecks.consistent + spotChecks.inconsistent > 0).length;
  return (
    <dl class="stats">
      <Stat label="Consistent" value={count(consistent)}>
        spot checks of this instance since the start
      </Stat>
      <Stat label="Inconsistent" value={count(inconsistent)} tone={inconsistent > 0 ? 'bad' : 'quiet'}>
        served although the source had long said otherwise
      </Stat>
      <Stat label="Templates checked" value={count(checked)}>
        of {counted(rows.length, 'template')}
      </Stat>
    </dl>
  );
}

function columnsOf(now: number, open: string | null, toggle: (id: string) => void): Column<Finding>[] {
  return [
    {
      name: 'Key',
      by: ({ key }) => key,
      cell: ({ id, key }) => (
        <button type="button" class="row" aria-expanded={open === id} onClick={() => toggle(id)}>
          <code>{key}</code>
        </button>
      ),
    },
    { name: 'Template', by: ({ template }) => template, cell: ({ template }) => <code>{template}</code> },
    { name: 'Found', by: ({ at }) => at, cell: ({ at }) => instant(at, now) },
    { name: 'Loaded', by: ({ loadedAt }) => loadedAt, cell: ({ loadedAt }) => instant(loadedAt, now) },
    {
      name: 'Differed for at least',
      isNumber: true,
      by: ({ at, differsSince }) => at - differsSince,
      cell: ({ at, differsSince }) => duration((at - differsSince) / 1000),
    },
    { name: 'Found by', cell: ({ origin }) => <code>{origin}</code> },
  ];
}
