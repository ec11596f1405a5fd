/** Token of the registry that this application's metrics are in. */
export const METRICS_REGISTRY = Symbol('shadower:metrics-registry');
