/** The usual ways to run one script on many hosts at once, each over connections that are kept. Each checks its answers. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type Client } from 'ssh2';
import { SCRIPT_EXEC } from '../src/infra/ssh/script.ts';
import type { Sshd } from '../test/kit/sshd.ts';
import { type BenchContext, bounded, countIn, cpuMs, inTurn, median, run, whyMissing } from './kit.ts';

/** Connections that are made, and clients of a peer that run, at once. */
export const WIDTH = 16;
const PEER_WIDTH = 64;

/** A contender: brought into being with its connections, run, and ended. */
export interface Contender {
  readonly run: () => Promise<unknown>;
  readonly end: () => Promise<unknown>;
}

/** All are of one sshd. */
export interface PeerHost {
  readonly name: string;
  /** On the loopback. */
  readonly address: string;
}

export interface Work {
  readonly script: string;
  /** What every host's answer holds, once. */
  readonly proof: string;
}

interface Comparison {
  readonly subject: string;
  readonly sshd: Sshd;
  readonly hosts: readonly PeerHost[];
  readonly work: Work;
  /** Ended here. */
  readonly ours: Contender;
  /** Rounds with all peers; bare connections get `pairs` of them, for there a tenth counts. */
  readonly rounds: number;
  readonly pairs: number;
  /** By peer, how many times as fast as it we are to be at least. */
  readonly bounds?: Readonly<Record<string, number>>;
}

/** A row for each peer, with the CPU time beside: ours first against bare connections, then against the tools. */
export async function compare(ctx: BenchContext, comparison: Comparison): Promise<void> {
  const { sshd, hosts, work, ours, rounds, pairs } = comparison;
  let tools: Awaited<ReturnType<typeof makeTools>> | undefined;
  try {
    const bare = await bareConnections(sshd, hosts, work);
    await against(ctx, comparison, { 'bare kept ssh2': bare.run }, pairs);
    await bare.end();
    ctx.note(`${comparison.subject}: the tools`);
    tools = await makeTools(ctx, sshd, hosts, work);
    await against(ctx, comparison, tools.contenders, rounds);
  } finally {
    await ours.end();
    await tools?.end();
  }
}

async function against(
  ctx: BenchContext,
  { subject, ours, bounds = {} }: Comparison,
  peers: Readonly<Record<string, () => Promise<unknown>>>,
  rounds: number,
): Promise<void> {
  const cpu = new Map<string, number[]>();
  const metered = Object.entries({ ours: ours.run, ...peers }).map(([name, act]) => {
    const spent: number[] = [];
    cpu.set(name, spent);
    const run = async (): Promise<void> => {
      const before = cpuMs();
      await act();
      spent.push(cpuMs() - before);
    };
    return [name, run] as const;
  });
  const times = await inTurn(Object.fromEntries(metered), rounds);
  for (const peer of Object.keys(peers)) {
    const [mine, theirs] = [times.ours ?? 0, times[peer] ?? 0];
    ctx.row({ subject, ours: mine, peer, theirs, unit: 'ms', rounds });
    const bound = bounds[peer];
    if (bound === undefined) continue;
    const held = theirs / mine >= bound ? 'held' : 'NOT HELD';
    ctx.note(`${subject}: ${(theirs / mine).toFixed(2)} times as fast as ${peer} (bound ${bound.toFixed(2)}): ${held}`);
  }
  // The first was to warm up.
  const spent = [...cpu].map(([name, all]) => `${name} ${median(all.slice(1)).toFixed(0)} ms`);
  ctx.note(`${subject}: CPU time here, kept masters not counted: ${spent.join(', ')}`);
}

/** The floor: the same script over the same kept connections, its answer collected and not read. */
async function bareConnections(sshd: Sshd, hosts: readonly PeerHost[], work: Work): Promise<Contender> {
  const privateKey = await readFile(sshd.identityFile);
  const { user: username, port } = sshd.host('any');
  const clients: Client[] = [];
  await bounded(hosts, WIDTH, async ({ address }) => {
    const client = new ssh2.Client();
    await new Promise<void>((resolve, reject) => {
      client.on('ready', resolve).on('error', reject);
      client.connect({ host: address, port, username, privateKey, hostVerifier: () => true });
    });
    clients.push(client);
  });
  const ask = (client: Client): Promise<void> =>
    new Promise((resolve, reject) => {
      client.exec(SCRIPT_EXEC, (error, channel) => {
        if (error !== undefined) {
          reject(error);
          return;
        }
        const chunks: Buffer[] = [];
        channel.on('data', (chunk: Buffer) => chunks.push(chunk));
        channel.stderr.on('data', () => {});
        channel.on('close', () =>
          Buffer.concat(chunks).includes(work.proof) ? resolve() : reject(new Error('bare: no answer')),
        );
        channel.end(work.script);
      });
    });
  return {
    run: () => Promise.all(clients.map(ask)),
    end: async () => {
      for (const client of clients) client.end();
    },
  };
}

/**
 * The tools as they come: pdsh and clush connect anew each time, to 32 and 64 hosts at once, ansible keeps its connections and has five forks.
 * And the same with all that helps them: OpenSSH's kept masters, all hosts at once.
 */
async function makeTools(ctx: BenchContext, sshd: Sshd, peers: readonly PeerHost[], { script, proof }: Work) {
  const dir = await mkdtemp(join(tmpdir(), 'hostler-fan-'));
  const config = join(dir, 'config');
  const fresh = join(dir, 'fresh');
  const inventory = join(dir, 'inventory');
  const names = peers.map(({ name }) => name);
  const { user, port } = sshd.host('any');
  await writeFile(join(dir, 'known'), `any ${sshd.hostKey}\n`);
  const lines = [
    ...peers.flatMap(({ name, address }) => [`Host ${name}`, `  HostName ${address}`]),
    'Host *',
    `  Port ${port}`,
    `  User ${user}`,
    `  IdentityFile ${sshd.identityFile}`,
    '  IdentitiesOnly yes',
    '  HostKeyAlias any',
    `  UserKnownHostsFile ${join(dir, 'known')}`,
    '  StrictHostKeyChecking yes',
    '  BatchMode yes',
    '  LogLevel ERROR',
  ];
  const masters = [`  ControlPath ${dir}/%n`, '  ControlMaster auto', '  ControlPersist 600'];
  await writeFile(config, `${[...lines, ...masters].join('\n')}\n`);
  await writeFile(fresh, `${lines.join('\n')}\n`);
  await writeFile(inventory, `${names.join('\n')}\n`);
  await bounded(names, WIDTH, async (name) => {
    const { exit, stderr } = await run('ssh', ['-F', config, '-f', '-N', name]);
    if (exit !== 0) throw new Error(`no ControlMaster for ${name}: ${stderr}`);
  });

  const hosts = names.join(',');
  const width = String(Math.min(names.length, PEER_WIDTH));
  /** A peer's answer must come from every host. */
  const whole = (peer: string, answers: number, output = ''): void => {
    if (answers !== names.length)
      throw new Error(`${peer}: ${answers} of ${names.length} hosts answered: ${output.slice(0, 500)}`);
  };
  const pdsh = async (file: string, args: readonly string[]): Promise<void> => {
    const env = { PDSH_SSH_ARGS_APPEND: `-F ${file}`, PDSH_RCMD_TYPE: 'ssh' };
    const { count, said } = await countIn('pdsh', [...args, '-w', hosts, script], proof, { env });
    whole('pdsh', count, said);
  };
  const clush = async (file: string, args: readonly string[]): Promise<void> => {
    const { count, said } = await countIn('clush', [...args, '-o', `-F ${file}`, '-w', hosts, SCRIPT_EXEC], proof, {
      input: script,
    });
    whole('clush', count, said);
  };
  const ansible = async (args: readonly string[]): Promise<void> => {
    const env = {
      ANSIBLE_SSH_ARGS: `-F ${config}`,
      ANSIBLE_HOST_KEY_CHECKING: 'True',
      ANSIBLE_HOME: dir,
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_SSH_CONTROL_PATH: `${dir}/%%n`,
    };
    const { count, said } = await countIn(
      'ansible',
      ['all', '-i', inventory, ...args, '-m', 'raw', '-a', script],
      proof,
      { env },
    );
    whole('ansible', count, said);
  };
  const all: Record<string, { readonly debian?: string; readonly program: string; readonly run: () => Promise<void> }> =
    {
      'OpenSSH ControlMaster': {
        program: 'ssh',
        run: async () => {
          let answers = 0;
          await bounded(names, PEER_WIDTH, async (name) => {
            const { count } = await countIn('ssh', ['-F', config, name, SCRIPT_EXEC], proof, { input: script });
            answers += count;
          });
          whole('ssh', answers);
        },
      },
      pdsh: {
        program: 'pdsh',
        debian: 'pdsh',
        run: () => pdsh(fresh, []),
      },
      'pdsh over the masters': {
        program: 'pdsh',
        debian: 'pdsh',
        run: () => pdsh(config, ['-f', width]),
      },
      clush: {
        program: 'clush',
        debian: 'clustershell',
        run: () => clush(fresh, []),
      },
      'clush over the masters': {
        program: 'clush',
        debian: 'clustershell',
        run: () => clush(config, ['-f', width]),
      },
      'ansible raw': {
        program: 'ansible',
        debian: 'ansible-core',
        run: () => ansible([]),
      },
      'ansible raw, all at once': {
        program: 'ansible',
        debian: 'ansible-core',
        run: () => ansible(['-f', width]),
      },
    };
  const contenders: Record<string, () => Promise<void>> = {};
  for (const [peer, { debian, program, run: act }] of Object.entries(all)) {
    const missing = whyMissing(program, debian ?? 'openssh-client');
    if (missing === undefined) contenders[peer] = act;
    else ctx.leftOut(peer, missing);
  }
  return {
    contenders,
    end: async () => {
      await bounded(names, WIDTH, (name) => run('ssh', ['-F', config, '-O', 'exit', name]));
      await rm(dir, { recursive: true, force: true });
    },
  };
}
