/** One line of a plot; `null` is a gap. */
interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

/** What a plot shows. */
export interface PlotProps {
  readonly title: string;
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  /** The same, for the axis. */
  readonly axis?: (value: number) => string;
  /** The top of the axis; the largest value decides where there is none. */
  readonly top?: number;
  /** Bytes: the axis ends on a round number of their unit. */
  readonly isBytes?: boolean;
  /** A level that is aimed at. */
  readonly target?: { readonly at: number; readonly name: string };
}
