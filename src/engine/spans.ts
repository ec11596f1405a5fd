/** What is marked for tracing: a loader's run, a command on Redis, an invalidation. */
type SpanName = 'cache.load' | 'cache.redis' | 'cache.invalidate';

/** Marks work for tracing. */
export interface Spans {
  /** Runs `work` within a span, so that what it calls is shown below it. */
  within<T>(name: SpanName, attributes: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T>;
}

/** Nobody traces. */
export const NO_SPANS: Spans = Object.freeze({
  within: <T>(_name: SpanName, _attributes: unknown, work: () => Promise<T>) => work(),
});
