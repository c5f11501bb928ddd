import type { webApi } from '@slack/bolt';
import type { Chart } from '../../domain/chart.ts';
import type { Notice } from '../../domain/notice.ts';
import type { Log } from '../../operations/ports.ts';
import { type CallFailure, callFailure } from './call-error.ts';

/** A chart as PNG. Rejects when it can't be drawn. */
export type DrawChart = (chart: Chart) => Promise<Buffer>;

/** A file as Slack takes it. */
export interface Upload {
  readonly filename: string;
  readonly title: string;
  readonly file: Buffer;
  readonly alt_text?: string;
}

/** Slack's limit for a picture's words. */
const ALT_CHARS = 2000;

/** A notice's pictures and files; `words` stands in for pictures that could not be drawn. */
export async function attachmentsOf(
  notice: Notice,
  drawChart: DrawChart,
  log: Log,
): Promise<{ readonly files: readonly Upload[]; readonly words: Notice | null }> {
  const files: Upload[] = [];
  const undrawn: Chart[] = [];
  for (const [index, chart] of (notice.charts ?? []).entries()) {
    try {
      const file = await drawChart(chart);
      files.push({
        filename: `chart-${index + 1}.png`,
        title: chart.title,
        file,
        alt_text: chart.alt.slice(0, ALT_CHARS),
      });
    } catch (cause) {
      log.warn('a chart could not be drawn', { chart: chart.title, cause: String(cause) });
      undrawn.push(chart);
    }
  }
  for (const { name, title, text } of notice.files ?? [])
    files.push({ filename: name, title, file: Buffer.from(text) });
  return { files, words: inWords(undrawn) };
}

/** What stands in for all pictures of a notice where files can't be uploaded. Null where it has none. */
export function attachmentsInWords(notice: Notice): Notice | null {
  return inWords(notice.charts ?? []);
}

function inWords(charts: readonly Chart[]): Notice | null {
  if (charts.length === 0) return null;
  return {
    tone: 'plain',
    title: charts.length === 1 ? 'A chart in words' : 'The charts in words',
    lines: charts.map(({ title, alt }) => [{ bold: `${title}: ` }, alt]),
  };
}

/** Uploads files as one reply. Null when that went well. */
export async function upload(
  client: webApi.WebClient,
  channel: string,
  threadTs: string,
  files: readonly Upload[],
): Promise<CallFailure | null> {
  try {
    await client.filesUploadV2({ channel_id: channel, thread_ts: threadTs, file_uploads: [...files] });
    return null;
  } catch (cause) {
    return callFailure(cause);
  }
}
