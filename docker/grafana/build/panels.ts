import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { BigValueColorMode, BigValueGraphMode, VizLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import {
  LegendDisplayMode,
  LegendPlacement,
  TooltipDisplayMode,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type GridPos,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as HeatmapBuilder } from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** A panel as the dashboards describe it. */
export interface PanelSpec {
  readonly kind: 'stat' | 'series' | 'heatmap';
  readonly title: string;
  /** What it shows, and what would be wrong. */
  readonly description: string;
  readonly unit: string;
  /** Expressions by the text of their legend. */
  readonly queries: Readonly<Record<string, string>>;
  /** Of the 24 columns. */
  readonly width: number;
  /** Colours from these values on; green below the first. */
  readonly steps?: readonly (readonly [from: number, color: string])[];
  readonly min?: number;
  readonly max?: number;
}

type Details = Omit<PanelSpec, 'kind' | 'width'> & { readonly width?: number };

/** One number. */
export const stat = (details: Details): PanelSpec => ({ kind: 'stat', width: 3, ...details });
/** Lines over time. */
export const series = (details: Details): PanelSpec => ({ kind: 'series', width: 8, ...details });
/** The buckets of a histogram over time. */
export const heatmap = (details: Details): PanelSpec => ({ kind: 'heatmap', width: 8, ...details });

/** How high the panels of a kind are. */
export const HEIGHT = { stat: 4, series: 8, heatmap: 8 } as const;

const SOURCE = { type: 'prometheus', uid: '${datasource}' };

/** The builder of a panel, with its number and its place. */
export function panelBuilder(spec: PanelSpec, id: number, place: GridPos): Builder<Panel> {
  const builder = emptyPanel(spec)
    .id(id)
    .gridPos(place)
    .title(spec.title)
    .description(spec.description)
    .unit(spec.unit);
  builder.datasource(SOURCE);
  if (spec.min !== undefined) builder.min(spec.min);
  if (spec.max !== undefined) builder.max(spec.max);
  if (spec.steps) builder.thresholds(thresholds(spec.steps));
  Object.entries(spec.queries).forEach(([legend, expr], i) => {
    const query = new DataqueryBuilder()
      .datasource(SOURCE)
      .refId(String.fromCharCode(65 + i))
      .expr(expr);
    query.legendFormat(legend);
    builder.withTarget(
      spec.kind === 'heatmap' ? query.format(PromQueryFormat.Heatmap) : query.exemplar(/_bucket/.test(expr)),
    );
  });
  return builder;
}

function emptyPanel({ kind }: PanelSpec): StatBuilder | TimeSeriesBuilder | HeatmapBuilder {
  if (kind === 'stat') return new StatBuilder().colorMode(BigValueColorMode.Value).graphMode(BigValueGraphMode.Area);
  if (kind === 'heatmap') return new HeatmapBuilder().calculate(false);
  const legend = new VizLegendOptionsBuilder().showLegend(true).displayMode(LegendDisplayMode.List);
  const tooltip = new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi);
  return new TimeSeriesBuilder().legend(legend.placement(LegendPlacement.Bottom)).tooltip(tooltip).fillOpacity(10);
}

function thresholds(steps: NonNullable<PanelSpec['steps']>): ThresholdsConfigBuilder {
  const all = [{ value: null, color: 'green' }, ...steps.map(([value, color]) => ({ value, color }))];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(all);
}
