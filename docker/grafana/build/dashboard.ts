import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { HEIGHT, panelBuilder, type PanelSpec } from './panels.js';

/** Panels under a heading. */
export interface Section {
  readonly title: string;
  readonly panels: readonly PanelSpec[];
}

/** What one dashboard shows. */
export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** The metric whose jobs and instances can be chosen. */
  readonly subject: string;
  readonly sections: readonly Section[];
}

const COLUMNS = 24;

/* eslint-disable @typescript-eslint/no-deprecated -- Grafana provisions files of this form; those of the next are for its API */
/** The dashboard in the form that Grafana provisions. */
export function buildDashboard({ uid, title, description, subject, sections }: DashboardSpec): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['cache'])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(labelVariable('job', `label_values(${subject}, job)`))
    .withVariable(labelVariable('instance', `label_values(${subject}{job=~"$job"}, instance)`));
  let id = 0;
  let y = 0;
  for (const section of sections) {
    builder.withRow(new RowBuilder(section.title).id((id += 1)).gridPos({ x: 0, y, w: COLUMNS, h: 1 }));
    y += 1;
    for (const line of linesOf(section.panels)) {
      let x = 0;
      const height = Math.max(...line.map(({ kind }) => HEIGHT[kind]));
      for (const panel of line) {
        builder.withPanel(panelBuilder(panel, (id += 1), { x, y, w: panel.width, h: height }));
        x += panel.width;
      }
      y += height;
    }
  }
  return builder.build();
}
/* eslint-enable @typescript-eslint/no-deprecated */

/** Several values can be chosen; all of them are at first. */
function labelVariable(name: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(name)
    .datasource({ type: 'prometheus', uid: '${datasource}' })
    .query({ query, refId: name })
    .multi(true)
    .includeAll(true)
    .current({ text: 'All', value: '$__all' })
    .refresh(VariableRefresh.OnTimeRangeChanged);
}

/** As many panels beside each other as there is room for. */
function linesOf(panels: readonly PanelSpec[]): PanelSpec[][] {
  const lines: PanelSpec[][] = [];
  let used = COLUMNS;
  for (const panel of panels) {
    if (used + panel.width > COLUMNS) {
      lines.push([]);
      used = 0;
    }
    lines.at(-1)?.push(panel);
    used += panel.width;
  }
  return lines;
}
