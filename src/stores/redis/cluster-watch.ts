import type { Cluster } from 'ioredis';
import type { Clock } from '../../primitives/clock.js';
import { withDeadline } from '../../primitives/deadline.js';
import type { Milliseconds } from '../../primitives/units.js';

const PERIOD: Milliseconds = 200;
/** Trouble that is not repeated for so long is over: circuits probe every second. */
const TROUBLED_FOR: Milliseconds = 3_000;

/**
 * Looks whether a Cluster has mended itself while commands on it fail. Few are sent then, so the client would find out
 * late that another primary serves; it is told to ask which, and `onMended` that it can be tried.
 */
export class ClusterWatch {
  #troubledAt = -Infinity;
  #isRunning = false;
  #state = '';
  #turn = 0;

  constructor(
    private readonly cluster: Cluster,
    private readonly clock: Clock,
    private readonly onMended: () => void,
  ) {}

  /** A command failed for want of an answer. */
  troubled(): void {
    this.#troubledAt = this.clock.now();
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#state = '';
    this.#later();
  }

  stop(): void {
    this.#troubledAt = -Infinity;
  }

  #later(): void {
    this.clock.after(PERIOD, () => void this.#look());
  }

  async #look(): Promise<void> {
    if (this.clock.now() - this.#troubledAt > TROUBLED_FOR) {
      this.#isRunning = false;
      return;
    }
    const state = await this.#stateOf();
    // The first answer tells how it is, a later one that differs that it has changed.
    const isMended = this.#state !== '' && state !== '' && state !== this.#state && state.startsWith('ok');
    if (state !== '') this.#state = state;
    if (isMended) this.cluster.refreshSlotsCache(() => this.onMended());
    this.#later();
  }

  /** Whether every slot is served, and the number of the last election; empty without an answer. */
  async #stateOf(): Promise<string> {
    const nodes = this.cluster.nodes('master').filter(({ status }) => status === 'ready');
    const node = nodes[this.#turn++ % nodes.length];
    if (!node) return '';
    const text = await withDeadline(this.clock, PERIOD, node.cluster('INFO'), () => new Error('no answer')).catch(
      () => '',
    );
    const field = (name: string): string => new RegExp(`^${name}:(\\w+)`, 'm').exec(text)?.[1] ?? '';
    return text === '' ? '' : `${field('cluster_state')} ${field('cluster_current_epoch')}`;
  }
}
