import type * as OpenTelemetry from '@opentelemetry/api';
import { NO_SPANS, type Spans } from '../engine/spans.js';
import type { Clock } from '../primitives/clock.js';
import type { Exemplar } from './tally.js';

const TRACER = '@shadower/nestjs-cache';
const KEY = 'cache.key';

type Api = typeof OpenTelemetry;

/** What tracing gives the cache. */
export interface Tracing {
  readonly spans: Spans;
  /** The trace that a value is measured in, for exemplars; nothing outside of one. */
  readonly exemplarOf?: (value: number) => Exemplar | undefined;
}

/**
 * Spans for OpenTelemetry, if the application has `@opentelemetry/api`; without it nothing is loaded. A failure is told by
 * the error's name: its message may hold what does not belong in a trace.
 */
export async function openTelemetry(clock: Clock, showKey: (key: string) => string): Promise<Tracing> {
  const api = await import('@opentelemetry/api').catch(() => undefined);
  if (!api) return { spans: NO_SPANS };
  return { spans: spansOf(api, showKey), exemplarOf: (value) => exemplarOf(api, value, clock.now() / 1000) };
}

function exemplarOf({ trace }: Api, value: number, timestamp: number): Exemplar | undefined {
  const context = trace.getActiveSpan()?.spanContext();
  return context && { labelSet: { trace_id: context.traceId, span_id: context.spanId }, value, timestamp };
}

function spansOf(api: Api, showKey: (key: string) => string): Spans {
  const tracer = api.trace.getTracer(TRACER);
  return {
    within: (name, attributes, work) => {
      const { [KEY]: key } = attributes;
      const shown = key === undefined ? attributes : { ...attributes, [KEY]: showKey(key) };
      return tracer.startActiveSpan(name, { attributes: shown }, (span) =>
        // One promise for both ends: this stands around every command.
        work().then(
          (result) => {
            span.end();
            return result;
          },
          (error: unknown) => {
            const type = error instanceof Error ? error.name : typeof error;
            span.setAttribute('error.type', type).setStatus({ code: api.SpanStatusCode.ERROR }).end();
            throw error;
          },
        ),
      );
    },
  };
}
