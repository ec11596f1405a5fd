import { NO_SPANS, type Spans } from '../engine/spans.js';

const TRACER = '@shadower/nestjs-cache';
const KEY = 'cache.key';

/**
 * Spans for OpenTelemetry, if the application has `@opentelemetry/api`; without it nothing is loaded. A failure is told by
 * the error's name: its message may hold what does not belong in a trace.
 */
export async function openTelemetrySpans(showKey: (key: string) => string): Promise<Spans> {
  const api = await import('@opentelemetry/api').catch(() => undefined);
  if (!api) return NO_SPANS;
  const tracer = api.trace.getTracer(TRACER);
  return {
    within: (name, attributes, work) => {
      const { [KEY]: key } = attributes;
      const shown = key === undefined ? attributes : { ...attributes, [KEY]: showKey(key) };
      return tracer.startActiveSpan(name, { attributes: shown }, (span) =>
        work()
          .catch((error: unknown) => {
            const type = error instanceof Error ? error.name : typeof error;
            span.setAttribute('error.type', type).setStatus({ code: api.SpanStatusCode.ERROR });
            throw error;
          })
          .finally(() => {
            span.end();
          }),
      );
    },
  };
}
