const FRAMES = ['7d', '30d', 'all'];
const METRICS = ['runs', 'tokens', 'success_rate', 'credits'];
const READS_AT_ONCE = 5;
const PAUSE_MS = 60;
/** Every so many rounds somebody writes a run, which invalidates. */
const WRITE_EACH = 12;

/** Visitors of the backend: they read, and now and then a run is recorded. */
export class Traffic {
  #isOn = true;
  #round = 0;
  #ended: Promise<void> = Promise.resolve();

  private constructor(
    private readonly base: string,
    readonly agents: readonly string[],
  ) {}

  static async begin(base: string): Promise<Traffic> {
    const answer = await fetch(`${base}/agents?timeframe=all&pageSize=20`);
    const { agents } = (await answer.json()) as { agents: { agentId: string }[] };
    const traffic = new Traffic(
      base,
      agents.map(({ agentId }) => agentId),
    );
    traffic.#ended = traffic.#go();
    return traffic;
  }

  async end(): Promise<void> {
    this.#isOn = false;
    await this.#ended;
  }

  async #go(): Promise<void> {
    while (this.#isOn) {
      this.#round += 1;
      await Promise.all(Array.from({ length: READS_AT_ONCE }, (_, i) => this.#ask(this.#path(i))));
      if (this.#round % WRITE_EACH === 0) await this.#write();
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  #path(i: number): string {
    const turn = this.#round * READS_AT_ONCE + i;
    const frame = FRAMES[turn % FRAMES.length] ?? '7d';
    if (turn % 4 === 0) return `analytics/metrics/${METRICS[turn % METRICS.length] ?? 'runs'}?timeframe=${frame}`;
    return `agents/${this.#agent(turn)}/stats?timeframe=${frame}`;
  }

  #agent(turn: number): string {
    return this.agents[(turn * 7) % this.agents.length] ?? 'a1';
  }

  async #write(): Promise<void> {
    const agentId = this.#agent(this.#round);
    const run = { agentId, userId: 'visitor', workspaceId: 'w1', status: 'completed', runtimeSeconds: 2, credits: 0.5 };
    const headers = { 'Content-Type': 'application/json' };
    await this.#ask('runs', { method: 'POST', headers, body: JSON.stringify(run) });
  }

  /** Tests break connections, and visitors come again. */
  async #ask(path: string, init?: RequestInit): Promise<void> {
    try {
      await (await fetch(`${this.base}/${path}`, init)).arrayBuffer();
    } catch {
      // The next round asks anew.
    }
  }
}
