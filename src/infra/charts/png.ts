import { createRequire } from 'node:module';
import type { Chart } from '../../domain/chart.ts';
import { type ChartSize, chartOptions } from './options.ts';

const SIZE: ChartSize = { width: 900, height: 420 };
/** Clear on screens with fine pixels, and still some 100 KB. */
const ZOOM = 1.6;

/** Draws a chart as PNG. Throws when it can't: then the chart's words must do. Its libraries are loaded with the first one. */
export async function chartPng(chart: Chart, size: ChartSize = SIZE): Promise<Buffer> {
  const { draw, Resvg } = await libraries();
  const svg = draw(chart, size);
  const picture = new Resvg(svg, {
    // A bare machine has no fonts: the package's own are named, and the system's are not looked for.
    font: { fontFiles: FONTS, loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' },
    fitTo: { mode: 'width', value: Math.round(size.width * ZOOM) },
  });
  return picture.render().asPng();
}

const require = createRequire(import.meta.url);
const FONTS = [
  require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
  require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
];

type Libraries = Awaited<ReturnType<typeof load>>;
let loaded: Promise<Libraries> | undefined;
function libraries(): Promise<Libraries> {
  loaded ??= load();
  return loaded;
}

async function load() {
  const [core, charts, components, renderers, { Resvg }] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
    import('@resvg/resvg-js'),
  ]);
  core.use([
    charts.LineChart,
    charts.BarChart,
    components.GridComponent,
    components.TitleComponent,
    components.LegendComponent,
    renderers.SVGRenderer,
  ]);
  const draw = (chart: Chart, size: ChartSize): string => {
    const made = core.init(null, null, { renderer: 'svg', ssr: true, ...size });
    try {
      made.setOption(chartOptions(chart));
      return made.renderToSVGString();
    } finally {
      // One that isn't disposed of keeps the process alive.
      made.dispose();
    }
  };
  return { draw, Resvg };
}
