import type { JSX } from 'preact';
import { useCallback } from 'preact/hooks';
import type { DoctorReport } from '../../contract.js';
import { counted, instant } from '../format.js';
import { usePage } from '../page-context.js';
import { StateBadge } from '../parts/badge.js';
import { Answered } from '../parts/notice.js';
import { useRequest } from '../use-answer.js';

/** The production checklist of `shadower-cache doctor`. */
export function DoctorView(): JSX.Element {
  const { wire, announce } = usePage();
  const asked = useRequest(
    useCallback(async () => {
      const report = await wire.post('doctor', {});
      announce(`The doctor says: ${report.verdict}`);
      return report;
    }, [wire, announce]),
  );
  return (
    <section>
      <div class="bar">
        <button type="button" class="main" disabled={asked.isBusy} onClick={() => void asked.ask()}>
          {asked.isBusy ? 'Examining…' : 'Run the doctor'}
        </button>
        <span class="aside">Looks at Redis, its settings and its rights, and changes nothing. Takes some seconds.</span>
      </div>
      {(asked.answer ?? asked.refusal ?? asked.isBusy) ? (
        <Answered asked={asked} loading="Going through the checklist…">
          {(report) => <Report report={report} />}
        </Answered>
      ) : (
        <p class="empty">It was not run since this page was opened.</p>
      )}
    </section>
  );
}

/** What is wrong comes first. */
const ORDER = ['fail', 'warn', 'unknown', 'pass'];

function Report({ report: { at, target, verdict, results } }: { report: DoctorReport }): JSX.Element {
  const { now } = usePage();
  const sorted = results.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  return (
    <>
      <p>
        <StateBadge state={verdict} /> {counted(results.length, 'check')} of{' '}
        {target === null ? 'a cache without Redis' : <code>{target}</code>}, at {instant(at, now)}
      </p>
      <ul class="checks">
        {sorted.map(({ id, title, status, observed, remedy }) => (
          <li key={id}>
            <StateBadge state={status} />
            <div>
              <strong>{title}</strong> <span>{observed}</span>
              {remedy !== undefined && <p class="remedy">{remedy}</p>}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
