import type { Cluster } from 'ioredis';
import type { Clock, Timer } from '../../primitives/clock.js';
import { withDeadline } from '../../primitives/deadline.js';
import type { Milliseconds } from '../../primitives/units.js';

const REFRESH: Milliseconds = 5_000;
const PERIOD: Milliseconds = 200;
/** Trouble that is not repeated for so long is over: circuits probe every second. */
const TROUBLED_FOR: Milliseconds = 3_000;

/**
 * Sees to it that a client of a Cluster knows who serves. It asks every few seconds, as a failover of a part that nothing
 * is asked of would not be noticed otherwise. While commands fail it looks more often whether the Cluster has mended
 * itself: few are sent then, so the client would find out late; it asks at once, and `onMended` is told that it can be tried.
 *
 * The client can ask by itself (`slotsRefreshInterval`), and is not told to: closed while it asks, it begins another
 * round after its end, and another, and the process never ends.
 */
export class ClusterWatch {
  #troubledAt = -Infinity;
  #isRunning = false;
  #state = '';
  #turn = 0;
  #isStopped = false;
  #refresh: Timer | undefined;

  constructor(
    private readonly cluster: Cluster,
    private readonly clock: Clock,
    private readonly onMended: () => void,
  ) {}

  start(): void {
    this.#refresh = this.clock.after(REFRESH, () =>
      this.cluster.refreshSlotsCache(() => {
        if (!this.#isStopped) this.start();
      }),
    );
  }

  /** A command failed for want of an answer. */
  troubled(): void {
    this.#troubledAt = this.clock.now();
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#state = '';
    this.#later();
  }

  stop(): void {
    this.#isStopped = true;
    this.#refresh?.cancel();
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
