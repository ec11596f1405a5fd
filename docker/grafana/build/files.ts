import { format } from 'prettier';
import { CACHE } from './cache.js';
import { buildDashboard, type DashboardSpec } from './dashboard.js';
import { REDIS } from './redis.js';

/** The text of each file in docker/grafana/dashboards, by its name. */
export async function dashboardFiles(): Promise<Readonly<Record<string, string>>> {
  return { 'cache.json': await textOf(CACHE), 'redis.json': await textOf(REDIS) };
}

function textOf(spec: DashboardSpec): Promise<string> {
  return format(JSON.stringify(buildDashboard(spec)), { parser: 'json', printWidth: 120 });
}
