/** A change of the domain that makes cached answers wrong. Emit it through EventEmitter2 under the class's `event`. */
export abstract class EntityChanged {
  /**
   * @param id of what changed
   * @param eventId identity of this occurrence; an occurrence told twice is acted upon once. Left out: every emission counts.
   */
  constructor(
    readonly id: string,
    readonly eventId?: string,
  ) {}
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
