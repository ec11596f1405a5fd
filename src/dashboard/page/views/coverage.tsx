import type { JSX } from 'preact';
import { useCallback } from 'preact/hooks';
import type { Routes } from '../../contract.js';
import { ago, count, instant } from '../format.js';
import { usePage } from '../page-context.js';
import { Badge } from '../parts/badge.js';
import { Answered } from '../parts/notice.js';
import { type Column, Table } from '../parts/table.js';
import { useAnswer } from '../use-answer.js';

type Coverage = Routes['coverage']['answer'];

/** What the rules of invalidation reach, and what they most likely miss. */
export function CoverageView(): JSX.Element {
  const { wire, now } = usePage();
  const asked = useAnswer(useCallback(() => wire.get('coverage', {}), [wire]));
  return (
    <Answered asked={asked} loading="Asking which rules there are…">
      {(coverage) => (
        <>
          <Findings coverage={coverage} />
          <section>
            <h3>Templates</h3>
            <Table
              label="Templates and what invalidates them"
              columns={TEMPLATES}
              rows={coverage.templates}
              id={({ template }) => template}
            />
          </section>
          <section>
            <h3>Events, counted since {instant(coverage.since, now)}</h3>
            <Table
              label="Events and what they invalidate"
              columns={eventsAt(now)}
              rows={coverage.events}
              id={({ event }) => event}
            />
          </section>
        </>
      )}
    </Answered>
  );
}

function Findings({ coverage: { findings, doubts } }: { coverage: Coverage }): JSX.Element {
  return (
    <section>
      <h3>Findings and doubts</h3>
      {findings.length + doubts.length === 0 && <p class="empty">None: every template and event has its other half.</p>}
      <ul class="findings">
        {findings.map(({ kind, name, message }) => (
          <li key={`${kind} ${name}`}>
            <Badge tone="bad">{kind}</Badge> {message}
          </li>
        ))}
        {doubts.map(({ name, message }) => (
          <li key={name}>
            <Badge tone="warn">doubt</Badge> {message}
          </li>
        ))}
      </ul>
    </section>
  );
}

const TEMPLATES: readonly Column<Coverage['templates'][number]>[] = [
  { name: 'Template', by: ({ template }) => template, cell: ({ template }) => <code>{template}</code> },
  { name: 'Tags', cell: ({ tags }) => (tags === null ? 'cannot be told' : codes(tags)) },
  { name: 'Events', by: ({ events }) => events.length, cell: ({ events }) => codes(events) },
  { name: 'Methods', by: ({ methods }) => methods.length, cell: ({ methods }) => codes(methods) },
];

function eventsAt(now: number): Column<Coverage['events'][number]>[] {
  return [
    { name: 'Event', by: ({ event }) => event, cell: ({ event }) => <code>{event}</code> },
    { name: 'What it invalidates', cell: ({ description }) => description },
    {
      name: 'Templates',
      by: ({ templates }) => templates?.length ?? 0,
      cell: ({ templates }) => (templates === null ? 'cannot be told' : codes(templates)),
    },
    { name: 'Seen', isNumber: true, by: ({ seen }) => seen, cell: ({ seen }) => count(seen) },
    {
      name: 'Last',
      isNumber: true,
      by: ({ lastSeenAt }) => lastSeenAt ?? 0,
      cell: ({ lastSeenAt }) => (lastSeenAt === null ? 'never' : ago(lastSeenAt, now)),
    },
  ];
}

function codes(names: readonly string[]): JSX.Element {
  if (names.length === 0) return <>none</>;
  return (
    <span class="codes">
      {names.map((name) => (
        <code key={name}>{name}</code>
      ))}
    </span>
  );
}
