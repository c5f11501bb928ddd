/** A picture as data: fronts that can't draw show its `alt`. */
export interface Chart {
  readonly title: string;
  /** What it shows, in words, for those who can't see it; 2,000 characters at most. */
  readonly alt: string;
  /** What its numbers are: `GiB`, `%`, `vCPUs`. */
  readonly unit: string;
  /** Along the bottom: days, teams. */
  readonly labels: readonly string[];
  readonly series: readonly ChartSeries[];
  /** Where the forecast may lie; drawn behind the lines. */
  readonly band: {
    readonly name: string;
    readonly low: readonly (number | null)[];
    readonly high: readonly (number | null)[];
  } | null;
}

export interface ChartSeries {
  readonly name: string;
  /** One for each label; null where there is none. */
  readonly values: readonly (number | null)[];
  /** What was, what is expected, what is the most there may be; or side by side. */
  readonly look: 'line' | 'forecast' | 'limit' | 'bar';
}

/** A file beside a message. */
export interface Attachment {
  readonly name: string;
  readonly title: string;
  readonly text: string;
}
