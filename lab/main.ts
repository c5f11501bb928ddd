// `npm run lab -- up | down | status | ssh | config`: real hypervisors in QEMU, without KVM on this machine.
import { Command, InvalidArgumentError, Option } from 'commander';
import { LabError } from './command.ts';
import { labConfig } from './config.ts';
import { down } from './down.ts';
import { hostPid, listHosts } from './host-record.ts';
import { withLock } from './lock.ts';
import { labPaths } from './paths.ts';
import { parsePoolSize } from './pool.ts';
import { sshInteractive } from './ssh.ts';
import { status, statusTable } from './status.ts';
import { LAB_USERS, type LabUser, target } from './targets.ts';
import { up } from './up.ts';

const paths = labPaths();
const began = performance.now();
const say = (line: string): void => {
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.error(`[${seconds.padStart(6)} s] ${line}`);
};
const locked = <T>(work: () => Promise<T>): Promise<T> =>
  withLock(paths.lock, () => say('another lab command is at work; waiting for it'), work);

function hostCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 9)
    throw new InvalidArgumentError('a number from 1 to 9, please');
  return count;
}

function poolSize(text: string): number {
  try {
    return parsePoolSize(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

const program = new Command('lab').description('Real hypervisors as QEMU guests: libvirt, KVM, LVM, bridges, NFS.');
program.enablePositionalOptions();

program
  .command('up')
  .description('start hosts; what is missing is installed and built first')
  .option('--hosts <n>', 'how many', hostCount, 2)
  .option('--pool <size>', 'how large the thin pool of each is, such as 2GiB; 40GiB where left out', poolSize)
  .action(async (options: { hosts: number; pool?: number }) => {
    await locked(() => up(paths, { count: options.hosts, poolBytes: options.pool }, say));
    console.log(statusTable(await status(paths)));
  });

program
  .command('down')
  .description('end hosts (all, if none is named) and throw away what they wrote')
  .argument('[host...]')
  .action(async (names: string[]) => {
    const ended = await locked(() => down(paths, names));
    say(ended.length === 0 ? 'no host was running' : `ended ${ended.join(', ')}`);
  });

program
  .command('status')
  .description('what runs: ready, starting, silent (runs, but sshd does not greet) or dead')
  .option('--json', 'as JSON')
  .action(async (options: { json?: boolean }) => {
    const hosts = await status(paths);
    console.log(options.json ? JSON.stringify(hosts) : statusTable(hosts));
  });

program
  .command('ssh')
  .description('a shell on a host, or a command there')
  .addOption(new Option('--user <user>', 'as whom').choices([...LAB_USERS]).default('root'))
  .argument('<host>')
  .argument('[command...]')
  .passThroughOptions()
  .action(async (name: string, command: string[], options: { user: LabUser }) => {
    const host = listHosts(paths.hosts).find((one) => one.name === name);
    if (!host || hostPid(paths.hosts, name) === undefined)
      throw new LabError(`host ${name} does not run; see: npm run lab -- status`);
    // What comes after HOST is passed through whole, with the `--` that parts it.
    const words = command[0] === '--' ? command.slice(1) : command;
    process.exitCode = await sshInteractive(target(paths, host, options.user), words);
  });

program
  .command('config')
  .description('print a hostler.yaml for the hosts that run')
  .action(async () => console.log(await labConfig(paths)));

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  console.error(`lab: ${error.message}`);
  process.exitCode = 1;
}
