import { Command, CommanderError, Option } from 'commander';
import { asBotError, BotError } from '../domain/error.ts';
import type { Composition } from './composition.ts';
import { EXIT, errorDocument, errorText, exitOfError } from './exit.ts';
import type { FleetFlags } from './fleet.ts';
import type { Terminal } from './terminal.ts';
import { plain } from './text-width.ts';

/** Runs the command line (without node and script) and resolves to the exit code. Never throws. */
export async function runCli(
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  let exit: number = EXIT.done;
  const program = buildProgram(composition, terminal, env, (code) => {
    exit = code;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exit;
  } catch (cause) {
    // Commander has printed what was wrong with the usage, or the help that was asked for.
    if (cause instanceof CommanderError) return cause.exitCode === 0 ? EXIT.done : EXIT.usage;
    const error = asBotError(cause);
    if (wantsJson(argv)) terminal.out(JSON.stringify(errorDocument(error), null, 2));
    else terminal.err(plain(errorText(error)));
    if (error.code === 'bug' && env.LOG_LEVEL === 'debug') console.error(error.cause);
    return exitOfError(error);
  }
}

/** Whether the operation that is asked for has a flag of that name itself. Loads the catalog. */
async function isOperations(flag: string, argv: readonly string[]): Promise<boolean> {
  const { hasFlag } = await import('./own-flags.ts');
  return hasFlag(flag.split('=')[0] ?? '', argv);
}

/** `--json` among hostler's own flags: what follows `--` is not ours. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json');
}

function buildProgram(
  composition: Composition,
  terminal: Terminal,
  env: Readonly<Record<string, string | undefined>>,
  finish: (code: number) => void,
): Command {
  const config = () =>
    new Option('--config <file>', 'the configuration; HOSTLER_CONFIG names another default').default(
      env.HOSTLER_CONFIG ?? 'hostler.yaml',
    );
  const program = new Command('hostler')
    .description('VMs on your own KVM hosts, from Slack and from the terminal')
    .version(composition.version, '--version')
    .enablePositionalOptions()
    .showHelpAfterError('Add --help for what there is.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'hostler: ')),
    });
  const add = (parent: Command, name: string, description: string): Command =>
    parent.command(name).description(description).exitOverride();

  add(program, 'start', 'run the bot: Socket Mode with SLACK_APP_TOKEN, else HTTP with SLACK_SIGNING_SECRET on PORT')
    .addOption(config())
    .action(async (options: { config: string }) => finish(await composition.start(options.config)));

  add(program, 'check', 'check configuration, Slack and every host, with what to do for each ✗')
    .addOption(config())
    .option('--json', 'one JSON document', false)
    .action(async (options: { config: string; json: boolean }) => {
      const { check } = await import('./check.ts');
      finish(await check(await composition.checks(options.config), options.json, terminal));
    });

  add(program, 'run', 'the same commands as in Slack: hostler run -- vm list')
    .argument('<command...>', 'what you would type in Slack, without the slash')
    .addOption(config())
    .option('--as <person>', 'act as somebody else, where the config lets you')
    .option('--channel <name>', 'as if typed in that channel: its team')
    .option('--json', 'one JSON document on stdout, and nothing else there', false)
    .option('-y, --yes', 'carry the plan out without asking', false)
    .option('--no-wait', 'do not wait for a pending approval (exit code 75)')
    .passThroughOptions()
    .action(async (argv: string[], options: RunFlags) => {
      const misplaced = argv.find((word) => OWN_FLAGS.includes(word.split('=')[0] ?? ''));
      if (misplaced !== undefined && !argv.includes('--') && !(await isOperations(misplaced, argv))) {
        throw new BotError('invalid_input', `${misplaced} is hostler’s own flag, and stands after the command`, {
          hint: `Put it first: \`hostler run ${misplaced} -- ${argv.filter((word) => word !== misplaced).join(' ')}\`.`,
        });
      }
      const { run } = await import('./run.ts');
      const { config: file, as = null, channel = null, json, yes, wait } = options;
      finish(await run(argv, { config: file, as, channel, json, yes, wait }, composition, terminal));
    });

  const audit = program.command('audit').description('the audit history, read beside a running bot').exitOverride();
  add(audit, 'verify', 'exit 0 when no row is missing or altered, 1 with the first that is')
    .addOption(config())
    .option('--anchor <hash>', 'a row’s hash that was posted or written down: shows a cut tail too')
    .action(async (options: { config: string; anchor?: string }) => {
      const anchor = options.anchor ?? null;
      if (anchor !== null && !/^[0-9a-f]{64}$/.test(anchor)) {
        throw new BotError('invalid_input', `${JSON.stringify(anchor)} is no anchor`, {
          hint: 'Give a hash of 64 hex digits, as the audit channel shows them.',
        });
      }
      const { auditVerify } = await import('./audit.ts');
      const open = await composition.openAudit(options.config);
      try {
        finish(await auditVerify(open, anchor, terminal));
      } finally {
        open.close();
      }
    });
  add(audit, 'export', 'every row, oldest first, to stdout')
    .addOption(config())
    .addOption(new Option('--format <format>', 'how').choices(['json', 'csv']).default('json'))
    .action(async (options: { config: string; format: 'json' | 'csv' }) => {
      const { auditExport } = await import('./audit.ts');
      const open = await composition.openAudit(options.config);
      try {
        finish(auditExport(open, options.format, terminal));
      } finally {
        open.close();
      }
    });

  add(program, 'manifest', 'print the Slack app’s manifest')
    .option('--prefix <prefix>', 'before each slash command, where a plain name is taken: x- gives /x-vm', '')
    .action(async (options: { prefix: string }) => {
      terminal.out(await composition.manifest(options));
    });

  const host = program.command('host').description('for the hypervisor hosts').exitOverride();
  add(host, 'sudoers', 'print the sudoers file of a host: the commands we use, and no more')
    .argument('[host]', 'a host of the config; all of them when left out')
    .addOption(config())
    .action(async (name: string | undefined, options: { config: string }) => {
      const files = await composition.sudoers(options.config, name ?? null);
      for (const { host: of, text } of files) terminal.out(files.length === 1 ? text : `# Host ${of}\n${text}`);
    });

  add(program, 'backup', 'copy the database whole, also while the bot runs')
    .argument('<file>', 'the copy, which must not be there yet')
    .addOption(config())
    .action(async (file: string, options: { config: string }) => {
      terminal.out(`Backed up to ${file}: ${await composition.backup(options.config, file)}`);
    });
  add(program, 'restore', 'put a backup in the place of the database; the bot must be stopped')
    .argument('<file>', 'a copy that `hostler backup` made')
    .addOption(config())
    .action(async (file: string, options: { config: string }) => {
      terminal.out(`Restored from ${file}: ${await composition.restore(options.config, file)}`);
    });

  add(program, 'fleet', 'simulated hosts alone: print their hostler.yaml, then serve until SIGTERM')
    .requiredOption('--hosts <number>', 'how many hosts')
    .requiredOption('--vms <number>', 'how many VMs they have together')
    .option('--teams <number>', 'how many teams share them', '10')
    .option('--port-base <port>', 'the first host listens there, the next one port above …; else free ports')
    .option('--state <directory>', 'keep keys and state there over restarts; else nothing is kept')
    .option('--fresh', 'forget what --state holds, the bot’s state there too', false)
    .option(
      '--life <kind>',
      'off, calm or busy: how guests are loaded, how fast disks fill, how often one crashes',
      'calm',
    )
    .option('--control-port <port>', 'where GET /fleet and POST /fleet/HOST/trouble are answered; 0 is any', '0')
    .option('--seed <text>', 'another seed is another fleet', 'hostler')
    .option('--latency <ms>', 'milliseconds that each command takes', '0')
    .addHelpText('after', FLEET_HELP)
    .action(async (options: FleetFlags) => {
      const { fleet } = await import('./fleet.ts');
      finish(await fleet(options, terminal));
    });

  add(program, 'demo', 'a chat page, the bot and simulated hosts on this machine: to see it, and to try a config')
    .helpOption(false)
    .allowUnknownOption()
    .argument('[flags...]', '--port, --hosts, --vms, --fresh, --state, --help')
    .action(async (flags: string[]) => {
      const { demo } = await import('./demo.ts');
      finish(await demo(flags, terminal));
    });

  add(program, 'completion', 'print a completion script')
    .argument('<shell>', 'bash, zsh or fish')
    .action(async (shell: string) => {
      const { completionScript } = await import('./completion.ts');
      terminal.out(completionScript(shell, await composition.catalog()));
    });
  return program;
}

const FLEET_HELP = `
The hosts listen on 127.0.0.1. The printed config maps you to the platform admin; it is complete as soon as there is any of it.

  hostler fleet --hosts 3 --vms 12 > fleet.yaml &
  HOSTLER_CONFIG=fleet.yaml hostler run -- vm list --all`;

/** No operation has a flag of these names. */
const OWN_FLAGS: readonly string[] = ['--json', '--yes', '-y', '--as', '--channel', '--no-wait', '--config'];

interface RunFlags {
  readonly config: string;
  readonly as?: string;
  readonly channel?: string;
  readonly json: boolean;
  readonly yes: boolean;
  readonly wait: boolean;
}
