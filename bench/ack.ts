/** How long a slash command waits for its ack under a burst: Hostler, with its inbox row on disk before, against a bare Bolt app. */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Acks, Connected, child, heard, Ready } from './ack-wire.ts';
import { type BenchContext, median } from './kit.ts';

const BURST = 500;
const ROUNDS = 9;
/** Between bursts, so that what is done after the acks of one doesn't meet the next. */
const REST_MS = 1500;

export async function bench(ctx: BenchContext): Promise<void> {
  const children: ChildProcess[] = [];
  const start = (name: string, ...args: string[]): ChildProcess => {
    const made = child(name, args);
    children.push(made);
    return made;
  };
  try {
    const bots = ['ours', 'bare'];
    const server = start('ack-server', ...bots);
    const { ready } = await heard(server, Ready);
    for (const who of bots) await heard(start('ack-bot', who, ready[who] ?? ''), Connected);

    const p99s = new Map<string, number[]>(bots.map((who) => [who, []]));
    const p50s = new Map<string, number[]>(bots.map((who) => [who, []]));
    // The first round warms both up.
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const who of round % 2 === 0 ? bots : bots.toReversed()) {
        const answer = heard(server, Acks);
        server.send({ who, count: BURST });
        const { ms, lost } = await answer;
        if (lost > 0) throw new Error(`${who}: ${lost} of ${BURST} commands were not acked`);
        if (round > 0) {
          p99s.get(who)?.push(percentile(ms, 0.99));
          p50s.get(who)?.push(percentile(ms, 0.5));
        }
        await sleep(REST_MS);
      }
    }
    for (const [part, values] of [
      ['p99', p99s],
      ['p50', p50s],
    ] as const) {
      ctx.row({
        subject: `${part} of ${BURST} at once`,
        ours: median(values.get('ours') ?? []),
        peer: 'a bare Bolt app that only acks',
        theirs: median(values.get('bare') ?? []),
        unit: 'ms',
        rounds: ROUNDS,
      });
    }
  } finally {
    for (const each of children) each.kill();
  }
}

function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}
