import type { ComponentChildren, JSX } from 'preact';
import type { Asked } from '../use-answer.js';
import type { Refusal } from '../wire.js';

type Tone = 'quiet' | 'good' | 'warn' | 'bad';

/** A box that says how something stands. */
export function Notice({ tone = 'quiet', children }: { tone?: Tone; children: ComponentChildren }): JSX.Element {
  return <div class={`notice ${tone}`}>{children}</div>;
}

/** Why a request failed. */
export function Failed({ refusal, again }: { refusal: Refusal; again?: () => void }): JSX.Element {
  return (
    <div class="notice bad" role="alert">
      <strong>{refusal.problem.title}</strong>
      <span>{refusal.message}</span>
      {again && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

interface AnswerProps<Answer> {
  readonly asked: Asked<Answer>;
  /** What is said while nothing is there yet. */
  readonly loading: string;
  readonly children: (answer: Answer) => ComponentChildren;
}

/** The answer of a request, or how it stands. */
export function Answered<Answer>({ asked, loading, children }: AnswerProps<Answer>): JSX.Element {
  const { answer, refusal, isBusy, ask } = asked;
  return (
    <div class="answered" aria-busy={isBusy}>
      {refusal && <Failed refusal={refusal} again={() => void ask()} />}
      {answer === null ? !refusal && <p class="loading">{loading}</p> : children(answer)}
    </div>
  );
}
