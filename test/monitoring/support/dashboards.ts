import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TREE } from '../../guards/sandbox.js';

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly {
    readonly expr: string;
    readonly refId: string;
    readonly datasource: { readonly uid: string };
  }[];
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly editable: boolean;
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly multi?: boolean;
      readonly refresh?: number;
      readonly query: string | { readonly query: string };
    }[];
  };
}

export const DASHBOARD_FOLDER = join(TREE, 'docker/grafana/dashboards');

/** The dashboards that are shipped, as [file, dashboard]. */
export const DASHBOARDS = readdirSync(DASHBOARD_FOLDER).map(
  (name) => [name, JSON.parse(readFileSync(join(DASHBOARD_FOLDER, name), 'utf8')) as Dashboard] as const,
);

/** The panels that show something: all but the headings. */
export function panelsOf({ panels }: Dashboard): Panel[] {
  return panels.filter(({ type }) => type !== 'row');
}

/** A query as Grafana sends it with everything chosen. */
export function queryOf(expr: string, interval = '1m'): string {
  return expr.replaceAll('$__rate_interval', interval).replaceAll(/\$(job|instance)/g, '.*');
}
