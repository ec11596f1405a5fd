import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { InvalidateBody, Invalidated, Routes } from '../../contract.js';
import { count, counted } from '../format.js';
import { type Page, usePage } from '../page-context.js';
import { Failed, Notice } from '../parts/notice.js';
import { refusalOf } from '../use-answer.js';
import type { Refusal } from '../wire.js';
import { Blast } from './blast.js';
import { TargetForm, targetOf, type Wanted } from './target-form.js';

/** How far it has come: nothing, a dry run of what is wanted, or done. */
interface Stage {
  readonly radius?: Routes['dry-run']['answer'];
  readonly done?: Invalidated;
  readonly refusal?: Refusal;
  readonly isBusy?: boolean;
}

/** A stage, what brings about the next one, and what begins again. */
function useStages(): [Stage, (work: () => Promise<Stage>) => void, () => void] {
  const [stage, setStage] = useState<Stage>({});
  const turn = useRef(0);
  const advance = async (work: () => Promise<Stage>): Promise<void> => {
    const own = ++turn.current;
    // What comes after the target was changed is of another one: its figure must not stand beside the button.
    const tell: typeof setStage = (next) => {
      if (own === turn.current) setStage(next);
    };
    tell((before) => ({ ...before, isBusy: true }));
    await work().then(tell, (error: unknown) => {
      const refusal = refusalOf(error);
      tell(({ radius }) => ({ ...(radius && { radius }), refusal }));
    });
  };
  const beginAgain = (): void => {
    turn.current += 1;
    setStage({});
  };
  return [stage, (work) => void advance(work), beginAgain];
}

/** First a dry run, then the invalidation of many entries: the second button is there only after the first. */
export function InvalidateMany({ pattern, onDone }: { pattern: string; onDone: () => void }): JSX.Element {
  const page = usePage();
  const [wanted, setWanted] = useState<Wanted>({ kind: 'pattern', name: pattern, because: '' });
  const [stage, advance, beginAgain] = useStages();
  const target = targetOf(wanted);
  const dryRun = async (): Promise<Stage> => {
    const radius = await page.wire.post('dry-run', target ?? { keys: [] });
    page.announce(`Would take ${counted(radius.entries, 'entry', 'entries')}`);
    return { radius };
  };
  const invalidate = async (force: boolean): Promise<Stage> => {
    const done = await page.wire.post('invalidate', bodyOf(wanted, force));
    page.announce('Invalidated');
    onDone();
    return { done };
  };
  return (
    <section class="many" aria-label="Invalidate many">
      <h3>Invalidate many</h3>
      <TargetForm
        wanted={wanted}
        onChange={(next) => {
          setWanted(next);
          beginAgain();
        }}
      />
      <div class="bar">
        <button type="button" disabled={!target || stage.isBusy} onClick={() => advance(dryRun)}>
          Dry run
        </button>
        <span class="aside">Tells what it would take, and changes nothing.</span>
      </div>
      {stage.radius && <Blast radius={stage.radius} />}
      <Confirm stage={stage} page={page} onInvalidate={(force) => advance(() => invalidate(force))} />
      {stage.done && <Done done={stage.done} />}
    </section>
  );
}

function bodyOf(wanted: Wanted, force: boolean): InvalidateBody {
  const because = wanted.because.trim();
  return { ...(targetOf(wanted) ?? { keys: [] }), ...(force && { force }), ...(because !== '' && { because }) };
}

interface ConfirmProps {
  readonly stage: Stage;
  readonly page: Page;
  readonly onInvalidate: (force: boolean) => void;
}

/** Beyond the limit of the module it has to be said twice. */
function Confirm({ stage: { radius, refusal, isBusy }, page, onInvalidate }: ConfirmProps): JSX.Element {
  const isTooBroad = refusal?.code === 'INVALIDATION_TOO_BROAD';
  return (
    <>
      {refusal && <Failed refusal={refusal} />}
      {radius && (
        <div class="bar">
          <button
            type="button"
            class="bad"
            disabled={isBusy || page.snapshot.readOnly}
            onClick={() => onInvalidate(isTooBroad)}
          >
            Invalidate {counted(radius.entries, 'entry', 'entries')}
            {isTooBroad && ' all the same'}
          </button>
          <span class="aside">
            {page.snapshot.readOnly && 'Read-only: nothing can be changed here.'}
            {radius.entries === 0 && 'Instances may have some in memory that Redis does not have.'}
          </span>
        </div>
      )}
    </>
  );
}

function Done({ done: { acknowledged, removed, tags, cause } }: { done: Invalidated }): JSX.Element {
  return (
    <Notice tone={acknowledged ? 'good' : 'warn'}>
      <strong>{acknowledged ? 'Invalidated.' : 'It waits for Redis.'}</strong>{' '}
      <span>
        {acknowledged
          ? `${counted(tags.length, 'tag')}, ${count(removed)} removed.`
          : 'This instance serves none of it any more.'}{' '}
        In the ledger: {cause}
      </span>
    </Notice>
  );
}
