/** One metric with its samples, as Prometheus means it. */
export interface Metric {
  /** Units are base units and stand in the name: `_bytes`, `_seconds`, `_ratio`; counters end in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly samples: readonly MetricSample[];
}

export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** How often something took how long: counts of what was no longer than each bound, in seconds. */
export interface HistogramSeen {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/** Prometheus' text format, version 0.0.4. A metric without samples is left out. */
export function metricsText(
  metrics: readonly Metric[],
  histograms: readonly { readonly name: string; readonly help: string; readonly seen: HistogramSeen }[],
): string {
  const lines: string[] = [];
  for (const { name, help, type, samples } of metrics) {
    if (samples.length === 0) continue;
    lines.push(...head(name, help, type), ...samples.map(({ labels, value }) => sample(name, labels, value)));
  }
  for (const { name, help, seen } of histograms) {
    lines.push(
      ...head(name, help, 'histogram'),
      ...seen.bounds.map((bound, index) => sample(`${name}_bucket`, { le: String(bound) }, seen.counts[index] ?? 0)),
      sample(`${name}_bucket`, { le: '+Inf' }, seen.count),
      sample(`${name}_sum`, {}, seen.sum),
      sample(`${name}_count`, {}, seen.count),
    );
  }
  return `${lines.join('\n')}\n`;
}

function head(name: string, help: string, type: string): string[] {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return [`# HELP ${name} ${escaped}`, `# TYPE ${name} ${type}`];
}

function sample(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const inside = Object.entries(labels)
    .map(([key, text]) => `${key}="${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`)
    .join(',');
  return `${name}${inside === '' ? '' : `{${inside}}`} ${Number.isFinite(value) ? value : 'NaN'}`;
}
