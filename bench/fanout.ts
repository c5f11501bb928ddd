/** One script on many hosts at once: our fleet against bare kept ssh2 connections and the usual tools. */
import { randomBytes } from 'node:crypto';
import { type Command, DEFAULT_LIMITS } from '../src/domain/command.ts';
import { openFleet } from '../src/infra/ssh/fleet.ts';
import { renderScript } from '../src/infra/ssh/script.ts';
import type { HostCall } from '../src/operations/ports.ts';
import { realClock } from '../test/kit/real-clock.ts';
import { type Sshd, startSshd, whyNoSshd } from '../test/kit/sshd.ts';
import { type BenchContext, bounded } from './kit.ts';
import { type Contender, compare, WIDTH } from './peers.ts';

/** How many hosts, and rounds with all peers; bare connections get more of them, for there a tenth counts. */
const SIZES = [
  { hosts: 10, rounds: 5, pairs: 41 },
  { hosts: 50, rounds: 3, pairs: 21 },
  { hosts: 200, rounds: 3, pairs: 11 },
] as const;

const COMMANDS: readonly Command[] = [
  { argv: ['cat', '/proc/uptime'], limit: 'quick' },
  { argv: ['cat', '/proc/meminfo'], limit: 'quick' },
  { argv: ['uname', '-r'], limit: 'quick' },
];
const CALL: HostCall<string> = {
  title: 'Look at it',
  commands: COMMANDS,
  parse: (ran) => ran.map((it) => it.stdout).join(''),
};
/** What every host's answer holds. */
const PROOF = 'MemTotal:';

export async function bench(ctx: BenchContext): Promise<void> {
  const reason = whyNoSshd();
  if (reason !== undefined) return ctx.note(`can't run: ${reason}`);
  const only = ctx.args.map(Number).filter((it) => it > 0);
  for (const size of SIZES) {
    if (only.length > 0 && !only.includes(size.hosts)) continue;
    const sshd = await startSshd({ config: ['LogLevel ERROR', 'ClientAliveInterval 0'] });
    try {
      await oneSize(ctx, sshd, size);
    } finally {
      await sshd.remove();
    }
  }
}

async function oneSize(ctx: BenchContext, sshd: Sshd, size: (typeof SIZES)[number]): Promise<void> {
  const subject = `${size.hosts} hosts`;
  const names = Array.from({ length: size.hosts }, (_, index) => `h${String(index + 1).padStart(3, '0')}`);
  const hosts = names.map((name) => ({ name, address: '127.0.0.1' }));
  const work = { script: renderScript(COMMANDS, DEFAULT_LIMITS, randomBytes(16).toString('hex')), proof: PROOF };
  ctx.note(`${subject}: connecting`);
  const ours = await ourFleet(sshd, names);
  const { rounds, pairs } = size;
  await compare(ctx, { subject, sshd, hosts, work, ours, rounds, pairs });
}

async function ourFleet(sshd: Sshd, names: readonly string[]): Promise<Contender> {
  const fleet = openFleet(
    names.map((name) => sshd.host(name)),
    { clock: realClock },
  );
  const ask = async (name: string): Promise<void> => {
    const result = await fleet.run(name, CALL);
    if (result.outcome !== 'done' || !result.value.includes(PROOF))
      throw new Error(`ours: ${name}: ${JSON.stringify(result)}`);
  };
  await bounded(names, WIDTH, ask);
  return { run: () => Promise.all(names.map(ask)), end: fleet.close };
}
