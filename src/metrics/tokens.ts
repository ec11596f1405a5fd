/** Injects the application's own metrics registry. */
export const METRICS_REGISTRY = Symbol('METRICS_REGISTRY');

/** Injects how metrics are served. */
export const METRICS_OPTIONS = Symbol('METRICS_OPTIONS');
