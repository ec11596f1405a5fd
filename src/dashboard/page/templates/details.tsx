import type { JSX } from 'preact';
import type { TemplateRow } from '../../contract.js';
import { bytes, count, counted, duration } from '../format.js';
import { Facts } from '../parts/facts.js';
import { Notice } from '../parts/notice.js';

/** All that is counted of one template. */
export function TemplateDetails({ row }: { row: TemplateRow }): JSX.Element {
  const { loads, memory, advice, spotChecks, coalesced, expensiveMisses } = row;
  return (
    <div class="details">
      {advice && (
        <Notice tone="warn">
          <strong>Advice</strong> <span>{advice.reason}</span>
        </Notice>
      )}
      <Facts
        facts={{
          'Misses by cause': listed(row.missesByCause),
          'Stale served': listed(row.staleServed),
          Loads: `${count(loads.count)}, ${count(loads.failed)} failed, ${count(loads.rejected)} rejected`,
          'Mean load': duration(row.meanLoad),
          'Shared flights': count(coalesced),
          'Expensive misses': count(expensiveMisses),
          'Time saved': duration(row.timeSaved),
          'Spot checks': `${count(spotChecks.consistent)} consistent, ${count(spotChecks.inconsistent)} inconsistent`,
          'Memory (L1)': memory
            ? `${counted(memory.entries, 'entry', 'entries')}, ${bytes(memory.bytes)}, ${count(memory.unread)} never read`
            : 'not walked over yet',
          Loader: row.hasLoader ? 'known: keys can be reloaded' : 'not known: keys cannot be reloaded here',
        }}
      />
    </div>
  );
}

function listed(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return entries.length === 0 ? 'none' : entries.map(([name, number]) => `${name} ${count(number)}`).join(', ');
}
