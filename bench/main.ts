/** `npm run bench [-- --json] [NAME…] [-- ARGUMENTS FOR THE BENCH]`: each benchmark with its peers in the same run. */
import { extname } from 'node:path';
import type { BenchContext, Measured, Row } from './kit.ts';

/** The benchmarks, in the order in which they run. Each is loaded only when asked for. */
const BENCHES = ['audit', 'ack', 'idle', 'fanout', 'sweep', 'create', 'snapshot', 'backup'];

function context(bench: string, json: boolean, args: readonly string[], rows: Row[]): BenchContext {
  const say = (text: string): void => {
    process.stderr.write(`${bench}: ${text}\n`);
  };
  return {
    row: ({ better = 'less', ...measured }: Measured) => {
      const { ours, theirs } = measured;
      const row: Row = { bench, ...measured, ratio: round(better === 'less' ? theirs / ours : ours / theirs) };
      rows.push(row);
      if (json) process.stdout.write(`${JSON.stringify({ ...row, ours: round(ours), theirs: round(theirs) })}\n`);
    },
    note: say,
    leftOut: (peer, reason) => say(`left out: ${peer}: ${reason}`),
    args,
  };
}

/** Three decimals. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function table(rows: readonly Row[]): string {
  const head = ['bench', 'subject', 'ours', 'theirs', 'unit', 'ratio', 'rounds', 'peer'];
  const body = rows.map((it) =>
    [
      it.bench,
      it.subject,
      it.ours.toFixed(1),
      it.theirs.toFixed(1),
      it.unit,
      it.ratio.toFixed(2),
      it.rounds,
      it.peer,
    ].map(String),
  );
  const width = head.map((title, column) => Math.max(...[head, ...body].map((it) => (it[column] ?? title).length)));
  return [head, ...body]
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(width[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Loads bench/NAME beside this file, compiled or not; undefined where it isn't there. */
async function load(name: string): Promise<((ctx: BenchContext) => Promise<void>) | undefined> {
  const file = new URL(`./${name}${extname(new URL(import.meta.url).pathname)}`, import.meta.url).href;
  try {
    const { bench }: { bench: (ctx: BenchContext) => Promise<void> } = await import(file);
    return bench;
  } catch (error) {
    // Only the bench's own file may be missing: what it imports may not.
    if (error instanceof Error && 'url' in error && error.url === file) return undefined;
    throw error;
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const end = argv.indexOf('--');
  const mine = end < 0 ? argv : argv.slice(0, end);
  const flags = mine.filter((it) => it.startsWith('-'));
  const names = mine.filter((it) => !it.startsWith('-'));
  const unknown = [...flags.filter((it) => it !== '--json'), ...names.filter((it) => !BENCHES.includes(it))];
  if (unknown.length > 0) {
    process.stderr.write(`unknown: ${unknown.join(' ')}\nusage: npm run bench [-- --json] [${BENCHES.join('|')}…]\n`);
    return 2;
  }
  const json = flags.includes('--json');
  const rows: Row[] = [];
  let exit = 0;
  for (const name of names.length > 0 ? names : BENCHES) {
    const ctx = context(name, json, end < 0 ? [] : argv.slice(end + 1), rows);
    try {
      const bench = await load(name);
      if (bench === undefined) ctx.note('is not there yet');
      else await bench(ctx);
    } catch (error) {
      ctx.note(`failed: ${error instanceof Error ? error.stack : error}`);
      exit = 1;
    }
  }
  if (!json && rows.length > 0) process.stdout.write(`\n${table(rows)}\nratio over 1: we are better\n`);
  return exit;
}

process.exitCode = await main(process.argv.slice(2));
