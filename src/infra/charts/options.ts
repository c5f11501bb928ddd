import type { Chart, ChartSeries } from '../../domain/chart.ts';

/** On an own, light ground the picture reads the same in a light and in a dark client. Colours differ in lightness too, lines in their dashes. */
const GROUND = '#f7f8fa';
const INK = '#1f2530';
const FAINT = '#6b7280';
const GRID = '#d8dce3';
const LINES = ['#1d4ed8', '#b45309', '#047857', '#7c3aed'];
const FORECAST = '#1d4ed8';
const BAND = '#93b4f5';
const LIMIT = '#b91c1c';
const FONT = 'DejaVu Sans';

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/** The chart as ECharts wants it. */
export function chartOptions(chart: Chart): Record<string, unknown> {
  const { band } = chart;
  const names = [...chart.series.map(({ name }) => name), ...(band === null ? [] : [band.name])];
  return {
    animation: false,
    backgroundColor: GROUND,
    textStyle: { fontFamily: FONT, color: INK, fontSize: 14 },
    title: { text: chart.title, left: 24, top: 16, textStyle: { fontFamily: FONT, fontSize: 18, color: INK } },
    legend: {
      data: names,
      top: 48,
      left: 20,
      itemGap: 24,
      textStyle: { fontFamily: FONT, color: INK, fontSize: 13 },
    },
    grid: { left: 84, right: 32, top: 116, bottom: 48 },
    xAxis: {
      type: 'category',
      data: chart.labels,
      boundaryGap: chart.series.some(({ look }) => look === 'bar'),
      axisLine: { lineStyle: { color: FAINT } },
      axisTick: { show: false },
      axisLabel: { color: INK, fontFamily: FONT, fontSize: 12, hideOverlap: true },
    },
    yAxis: {
      type: 'value',
      name: chart.unit,
      min: 0,
      nameTextStyle: { color: INK, fontFamily: FONT, align: 'right' },
      axisLabel: { color: INK, fontFamily: FONT, fontSize: 12 },
      splitLine: { lineStyle: { color: GRID } },
    },
    series: [...(band === null ? [] : bandSeries(band)), ...chart.series.map(seriesOptions)],
  };
}

/** Two stacked lines: the lower one can't be seen, the upper one's area is the band. */
function bandSeries(band: NonNullable<Chart['band']>): Record<string, unknown>[] {
  const common = { type: 'line', stack: 'band', symbol: 'none', lineStyle: { opacity: 0 }, silent: true };
  const height = band.high.map((high, index) => {
    const low = band.low[index] ?? null;
    return high === null || low === null ? null : high - low;
  });
  return [
    { ...common, name: 'low', data: band.low },
    { ...common, name: band.name, data: height, itemStyle: { color: BAND }, areaStyle: { color: BAND, opacity: 0.45 } },
  ];
}

function seriesOptions({ name, values, look }: ChartSeries, index: number): Record<string, unknown> {
  const color = LINES[index % LINES.length];
  if (look === 'bar') return { type: 'bar', name, data: values, itemStyle: { color }, barMaxWidth: 36 };
  const line = { type: 'line', name, data: values, symbol: 'none', z: 3 };
  switch (look) {
    case 'forecast':
      return { ...line, itemStyle: { color: FORECAST }, lineStyle: { color: FORECAST, width: 2.5, type: 'dashed' } };
    case 'limit':
      return { ...line, itemStyle: { color: LIMIT }, lineStyle: { color: LIMIT, width: 2, type: 'dotted' } };
    case 'line':
      return { ...line, itemStyle: { color }, lineStyle: { color, width: 2.5 } };
  }
}
