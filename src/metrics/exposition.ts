import { type Metric, type MetricObjectWithValues, type MetricValue, Registry, register } from 'prom-client';

/** What a scrape is answered with. */
export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

const OPEN_METRICS = 'application/openmetrics-text';

/**
 * The metrics of a registry, and those that only the global one has: as text, or in OpenMetrics 1.0 for a client that
 * says in `accept` that it takes it. Each keeps the default labels of its registry.
 */
export async function expose(own: Registry, accept: string | undefined): Promise<Exposition> {
  const others = register.getMetricsAsArray().filter(({ name }) => own.getSingleMetric(name) === undefined);
  if (accept?.includes(OPEN_METRICS)) {
    const names = new Set(others.map(({ name }) => name));
    const all = [...(await own.getMetricsAsJSON()), ...(await register.getMetricsAsJSON())];
    const claimed = new Set(own.getMetricsAsArray().map(({ name }) => name));
    return asOpenMetrics(all.filter(({ name }) => claimed.has(name) || names.has(name)));
  }
  const texts = await Promise.all(others.map(({ name }) => register.getSingleMetricAsString(name)));
  const body = [await own.metrics(), ...texts.map((text) => `${text}\n`)].join('\n');
  return { contentType: own.contentType, body };
}

async function asOpenMetrics(metrics: readonly Json[]): Promise<Exposition> {
  const registry = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const seen = new Set<string>();
  for (const metric of metrics) {
    if (seen.has(metric.name)) continue;
    seen.add(metric.name);
    registry.registerMetric(snapshotOf(metric) as unknown as Metric);
  }
  return { contentType: registry.contentType, body: await registry.metrics() };
}

type Json = MetricObjectWithValues<MetricValue<string>>;

/** OpenMetrics names a counter without its suffix, and the client library would rename the metric itself for good: so a copy. */
function snapshotOf(metric: Json): object {
  const isCounter = String(metric.type) === 'counter';
  const name = isCounter ? metric.name.replace(/_total$/, '') : metric.name;
  const values = isCounter ? metric.values.map((value) => ({ ...value, metricName: name })) : metric.values;
  return { name, type: metric.type, get: () => Promise.resolve({ ...metric, name, values }) };
}
