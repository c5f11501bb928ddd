/** One script on many hosts at once: our fleet against bare kept ssh2 connections and the usual tools. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type Client } from 'ssh2';
import { type Command, DEFAULT_LIMITS } from '../src/domain/command.ts';
import { openFleet } from '../src/infra/ssh/fleet.ts';
import { renderScript, SCRIPT_EXEC } from '../src/infra/ssh/script.ts';
import type { HostCall } from '../src/operations/ports.ts';
import { realClock } from '../test/kit/real-clock.ts';
import { type Sshd, startSshd, whyNoSshd } from '../test/kit/sshd.ts';
import { type BenchContext, bounded, inTurn, run, whyMissing } from './kit.ts';

/** How many hosts, and rounds with all peers; bare connections get more of them, for there a tenth counts. */
const SIZES = [
  { hosts: 10, rounds: 5, pairs: 41 },
  { hosts: 50, rounds: 3, pairs: 21 },
  { hosts: 200, rounds: 3, pairs: 11 },
] as const;
/** Connections that are made, and clients of a peer that run, at once. */
const WIDTH = 16;
const PEER_WIDTH = 64;

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

/** A contender: brought into being with its connections, run, and ended. */
interface Contender {
  readonly run: () => Promise<unknown>;
  readonly end: () => Promise<unknown>;
}

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
  ctx.note(`${subject}: connecting`);
  const ours = await ourFleet(sshd, names);
  const bare = await bareConnections(sshd, names);
  const pair = await inTurn({ ours: ours.run, bare: bare.run }, size.pairs);
  ctx.row({
    subject,
    ours: pair.ours ?? 0,
    peer: 'bare kept ssh2',
    theirs: pair.bare ?? 0,
    unit: 'ms',
    rounds: size.pairs,
  });
  await bare.end();

  ctx.note(`${subject}: the tools`);
  const tools = await makeTools(ctx, sshd, names);
  try {
    const times = await inTurn({ ours: ours.run, ...tools.contenders }, size.rounds);
    for (const peer of Object.keys(tools.contenders)) {
      ctx.row({ subject, ours: times.ours ?? 0, peer, theirs: times[peer] ?? 0, unit: 'ms', rounds: size.rounds });
    }
  } finally {
    await ours.end();
    await tools.end();
  }
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

/** The floor: the same script over the same kept connections, its answer collected and not read. */
async function bareConnections(sshd: Sshd, names: readonly string[]): Promise<Contender> {
  const privateKey = await readFile(sshd.identityFile);
  const { user: username, port } = sshd.host('any');
  const clients: Client[] = [];
  await bounded(names, WIDTH, async () => {
    const client = new ssh2.Client();
    await new Promise<void>((resolve, reject) => {
      client.on('ready', resolve).on('error', reject);
      client.connect({ host: '127.0.0.1', port, username, privateKey, hostVerifier: () => true });
    });
    clients.push(client);
  });
  const script = scriptText();
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
          Buffer.concat(chunks).includes(PROOF) ? resolve() : reject(new Error('bare: no answer')),
        );
        channel.end(script);
      });
    });
  return {
    run: () => Promise.all(clients.map(ask)),
    end: async () => {
      for (const client of clients) client.end();
    },
  };
}

const scriptText = (): string => renderScript(COMMANDS, DEFAULT_LIMITS, randomBytes(16).toString('hex'));

/** OpenSSH with a kept ControlMaster for each host, alone and under pdsh, clush and ansible: the same script, the same masters. */
async function makeTools(ctx: BenchContext, sshd: Sshd, names: readonly string[]) {
  const dir = await mkdtemp(join(tmpdir(), 'hostler-fan-'));
  const config = join(dir, 'config');
  const inventory = join(dir, 'inventory');
  const { user, port, address } = sshd.host('any');
  await writeFile(join(dir, 'known'), `any ${sshd.hostKey}\n`);
  const lines = [
    'Host h*',
    `  HostName ${address}`,
    `  Port ${port}`,
    `  User ${user}`,
    `  IdentityFile ${sshd.identityFile}`,
    '  IdentitiesOnly yes',
    '  HostKeyAlias any',
    `  UserKnownHostsFile ${join(dir, 'known')}`,
    '  StrictHostKeyChecking yes',
    '  BatchMode yes',
    '  LogLevel ERROR',
    `  ControlPath ${dir}/%n`,
    '  ControlMaster auto',
    '  ControlPersist 600',
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  await writeFile(inventory, `${names.join('\n')}\n`);
  await bounded(names, WIDTH, async (name) => {
    const { exit, stderr } = await run('ssh', ['-F', config, '-f', '-N', name]);
    if (exit !== 0) throw new Error(`no ControlMaster for ${name}: ${stderr}`);
  });

  const script = scriptText();
  const hosts = names.join(',');
  const width = String(Math.min(names.length, PEER_WIDTH));
  /** A peer's answer must come from every host. */
  const whole = (peer: string, answers: number, output = ''): void => {
    if (answers !== names.length)
      throw new Error(`${peer}: ${answers} of ${names.length} hosts answered: ${output.slice(0, 500)}`);
  };
  const count = (text: string): number => text.split(PROOF).length - 1;
  const all: Record<string, { readonly debian?: string; readonly program: string; readonly run: () => Promise<void> }> =
    {
      'OpenSSH ControlMaster': {
        program: 'ssh',
        run: async () => {
          let answers = 0;
          await bounded(names, PEER_WIDTH, async (name) => {
            const { stdout } = await run('ssh', ['-F', config, name, SCRIPT_EXEC], { input: script });
            answers += count(stdout);
          });
          whole('ssh', answers);
        },
      },
      pdsh: {
        program: 'pdsh',
        debian: 'pdsh',
        run: async () => {
          const env = { PDSH_SSH_ARGS_APPEND: `-F ${config}`, PDSH_RCMD_TYPE: 'ssh' };
          const { stdout, stderr } = await run('pdsh', ['-f', width, '-w', hosts, script], { env });
          whole('pdsh', count(stdout), stderr);
        },
      },
      clush: {
        program: 'clush',
        debian: 'clustershell',
        run: async () => {
          const { stdout, stderr } = await run('clush', ['-f', width, '-o', `-F ${config}`, '-w', hosts, SCRIPT_EXEC], {
            input: script,
          });
          whole('clush', count(stdout), stderr);
        },
      },
      'ansible raw': {
        program: 'ansible',
        debian: 'ansible-core',
        run: async () => {
          const env = {
            ANSIBLE_SSH_ARGS: `-F ${config}`,
            ANSIBLE_HOST_KEY_CHECKING: 'True',
            ANSIBLE_HOME: dir,
            ANSIBLE_NOCOLOR: '1',
            ANSIBLE_SSH_CONTROL_PATH: `${dir}/%%n`,
          };
          const { stdout, stderr } = await run(
            'ansible',
            ['all', '-i', inventory, '-f', width, '-m', 'raw', '-a', script],
            { env },
          );
          whole('ansible', count(stdout), stderr + stdout);
        },
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
