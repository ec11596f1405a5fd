import type { ChangedSpan, Instant } from './time/instant.js';

/** A change of the domain that makes cached answers wrong. Emit it through EventEmitter2 under the class's `event`. */
export abstract class EntityChanged {
  /** The first instant of which data changed; `undefined`: since ever. */
  readonly from: Instant | undefined;
  /** The last one; `undefined`: up to now. */
  readonly to: Instant | undefined;

  /**
   * @param id of what changed
   * @param eventId identity of this occurrence; an occurrence told twice is acted upon once. Left out: every emission counts.
   * @param span the time of which data changed: buckets of a time series outside of it stay. Left out: all time.
   */
  constructor(
    readonly id: string,
    readonly eventId?: string,
    span: ChangedSpan = {},
  ) {
    this.from = span.from;
    this.to = span.to;
  }
}

/** A metric's data changed: answers tagged `metric:{id}` are invalid. */
export class MetricChanged extends EntityChanged {
  static readonly event = 'metric.changed';
}

/** A user's data changed: answers tagged `user:{id}` are invalid. */
export class UserChanged extends EntityChanged {
  static readonly event = 'user.changed';
}

/** An agent's data changed: answers tagged `agent:{id}` are invalid. */
export class AgentChanged extends EntityChanged {
  static readonly event = 'agent.changed';
}

/** A workspace's data changed: answers tagged `workspace:{id}` are invalid. */
export class WorkspaceChanged extends EntityChanged {
  static readonly event = 'workspace.changed';
}
