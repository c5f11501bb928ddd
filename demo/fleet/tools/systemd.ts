/** systemd-run and systemctl of the user's own systemd. */
import type { Unit } from '../model/host-model.ts';
import { has, last, parseOptions } from './options.ts';
import { fail, ok, type Tool, type ToolCall, type ToolResult, unknown } from './tool.ts';
import { openFiles, runUnit, unitFiles } from './unit-files.ts';
import { listFailedUnits } from './watch.ts';

const RUN = {
  '--user': 'flag',
  '-u': { as: '--unit' },
  '--unit': 'value',
  '-G': { as: '--collect' },
  '--collect': 'flag',
  '-q': { as: '--quiet' },
  '--quiet': 'flag',
  '-r': { as: '--remain-after-exit' },
  '--remain-after-exit': 'flag',
  '-p': { as: '--property' },
  '--property': 'value',
  '--description': 'value',
  '--setenv': 'value',
  '-E': { as: '--setenv' },
  '--on-active': 'value',
  '--timer-property': 'value',
} as const;

function serviceName(name: string): string {
  return /\.(service|timer)$/.test(name) ? name : `${name}.service`;
}

export const systemdRun: Tool = (call) => {
  const at = call.args.findIndex(
    (it, index) => it === '--' || (!it.startsWith('-') && !takesNext(call.args[index - 1])),
  );
  const split = at < 0 ? call.args.length : at;
  const parsed = parseOptions(call.args.slice(0, split), RUN);
  const argv = call.args.slice(call.args[split] === '--' ? split + 1 : split);
  if (parsed.bad !== undefined)
    return unknown(`systemd-run ${parsed.bad.option}`, 1, `systemd-run: unrecognized option '${parsed.bad.option}'`);
  if (!has(parsed, '--user'))
    return unknown(
      'systemd-run without --user',
      1,
      'Failed to start transient service unit: Interactive authentication required.',
    );
  if (argv.length === 0) return fail(1, 'Command line to execute required.');
  const program = argv[0] ?? '';
  if (!call.has(program)) return fail(1, `Failed to find executable ${program}: No such file or directory`);
  const later = last(parsed, '--on-active');
  if (later !== undefined && !/^\d+$/.test(later))
    return unknown(`systemd-run --on-active=${later}`, 1, `Failed to parse timer value: ${later}`);
  const given = last(parsed, '--unit') ?? `run-u${call.model.units.length + 1}`;
  const name = serviceName(later === undefined ? given : `${given}.timer`);
  const known = call.model.units.find((it) => it.name === name && it.state !== 'gone');
  const what = later === undefined ? 'service' : 'timer';
  if (known !== undefined)
    return fail(1, `Failed to start transient ${what} unit: Unit ${name} was already loaded or has a fragment file.`);
  const remains =
    has(parsed, '--remain-after-exit') || (parsed.options.get('--property') ?? []).includes('RemainAfterExit=yes');
  const takes = later === undefined ? call.model.unitMs : Number(later) * 1000;
  const files = unitFiles(parsed.options.get('--property') ?? []);
  const closed = openFiles(call, files);
  const times = { startedAt: call.now, endsAt: call.now + takes };
  call.model.units = call.model.units.filter((it) => it.name !== name);
  call.model.units.push({
    name,
    argv,
    ...times,
    ...files,
    remainAfterExit: remains,
    collect: has(parsed, '--collect'),
    ...(closed === undefined
      ? { state: 'active', exit: null, result: 'success' }
      : { state: 'failed', exit: closed, result: 'exit-code' }),
  });
  if (closed !== undefined)
    return fail(
      1,
      `Job for ${name} failed because the control process exited with error code.\nSee "systemctl --user status ${name}" and "journalctl --user -xeu ${name}" for details.`,
    );
  const said =
    later === undefined
      ? `Running as unit: ${name}\n`
      : `Running timer as unit: ${name}\nWill run service as unit: ${given}.service\n`;
  return ok('', has(parsed, '--quiet') ? '' : said);
};

function takesNext(option: string | undefined): boolean {
  return (
    option !== undefined && ['-u', '-p', '-E', '--unit', '--property', '--description', '--setenv'].includes(option)
  );
}

const CTL = {
  '--user': 'flag',
  '-p': { as: '--property' },
  '--property': 'value',
  '--value': 'flag',
  '--no-pager': 'flag',
  '-q': { as: '--quiet' },
  '--quiet': 'flag',
  '--no-block': 'flag',
  '--state': 'value',
  '--plain': 'flag',
  '--no-legend': 'flag',
  '-P': 'value',
} as const;
/** The order in which systemd tells properties, whatever the order of asking. */
const SHOWN = [
  'Type',
  'Result',
  'NRestarts',
  'ExecMainCode',
  'ExecMainStatus',
  'Id',
  'Description',
  'LoadState',
  'ActiveState',
  'SubState',
  'UnitFileState',
];

export const systemctl: Tool = (call) => {
  const parsed = parseOptions(call.args, CTL);
  if (parsed.bad !== undefined)
    return unknown(`systemctl ${parsed.bad.option}`, 1, `systemctl: unrecognized option '${parsed.bad.option}'`);
  const [verb = '', ...names] = parsed.rest;
  if (verb === 'list-units' && last(parsed, '--state') === 'failed') return listFailedUnits(call);
  if (!has(parsed, '--user'))
    return unknown(`systemctl ${verb} without --user`, 1, 'Interactive authentication required.');
  const units = names.map((it) => ({
    name: serviceName(it),
    unit: call.model.units.find((unit) => unit.name === serviceName(it) && unit.state !== 'gone'),
  }));
  switch (verb) {
    case 'show':
      return ok(
        units
          .map(({ name, unit }) =>
            show(
              name,
              unit,
              parsed.options.get('--property') ?? parsed.options.get('-P') ?? [],
              has(parsed, '--value') || has(parsed, '-P'),
            ),
          )
          .join('\n'),
      );
    case 'is-active': {
      const states = units.map(({ unit }) => activeState(unit));
      return {
        exit: states.includes('active') ? 0 : 3,
        stdout: has(parsed, '--quiet') ? '' : states.map((it) => `${it}\n`).join(''),
        stderr: '',
      };
    }
    case 'stop':
      return all(units, (name, unit) => {
        if (unit === undefined) return fail(5, `Failed to stop ${name}: Unit ${name} not loaded.`);
        stop(call, unit);
        return ok();
      });
    case 'reset-failed':
      return all(units, (name, unit) => {
        if (unit === undefined)
          return fail(1, `Failed to reset failed state of unit ${name}: Unit ${name} not loaded.`);
        if (unit.state === 'failed') unit.state = 'gone';
        return ok();
      });
    default:
      return unknown(`systemctl --user ${verb}`, 1, `Unknown command verb ${verb}.`);
  }
};

function all(
  units: readonly { name: string; unit: Unit | undefined }[],
  act: (name: string, unit: Unit | undefined) => ToolResult,
): ToolResult {
  const results = units.map(({ name, unit }) => act(name, unit));
  return {
    exit: Math.max(0, ...results.map((it) => it.exit)),
    stdout: '',
    stderr: results.map((it) => it.stderr).join(''),
  };
}

function activeState(unit: Unit | undefined): 'active' | 'inactive' | 'failed' {
  if (unit === undefined) return 'inactive';
  return unit.state === 'failed' ? 'failed' : 'active';
}

function show(name: string, unit: Unit | undefined, asked: readonly string[], bare: boolean): string {
  const wanted = new Set(asked.flatMap((it) => it.split(',')));
  const values: Readonly<Record<string, string>> = {
    Type: 'simple',
    Result: unit?.result ?? 'success',
    NRestarts: '0',
    ExecMainCode: unit?.exit == null ? '0' : '1',
    ExecMainStatus: String(unit?.exit ?? 0),
    Id: name,
    Description: unit === undefined ? name : unit.argv.join(' '),
    LoadState: unit === undefined ? 'not-found' : 'loaded',
    ActiveState: activeState(unit),
    SubState:
      unit === undefined ? 'dead' : { active: 'running', exited: 'exited', failed: 'failed', gone: 'dead' }[unit.state],
    UnitFileState: unit === undefined ? '' : 'transient',
  };
  const names = SHOWN.filter((it) => wanted.size === 0 || wanted.has(it));
  return names.map((it) => (bare ? `${values[it]}\n` : `${it}=${values[it]}\n`)).join('');
}

/** Ends a unit before its time: what it wrote until then stays. */
function stop(call: ToolCall, unit: Unit): void {
  if (unit.state === 'active' && !unit.name.endsWith('.timer'))
    runUnit(call.model, unit, (input) => call.run(unit.argv, { half: true, input }));
  // One that failed stays to be seen until it is reset.
  if (unit.state !== 'failed') unit.state = 'gone';
}
