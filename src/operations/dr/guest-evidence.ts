/** What the restored guest said of itself, as evidence. */
import { z } from 'zod';
import type { DrillCheck } from '../../domain/drill.ts';
import type { DrillFacts } from './drill-facts.ts';

type Outputs = ReadonlyMap<string, unknown>;
/** A check by the journal of its steps. */
type ByJournal = (name: string, steps: readonly string[], found: string) => DrillCheck;

const Said = z.object({ lastLines: z.string() });
const Read = z.object({ sha256: z.string() });
const Found = z.object({
  found: z.array(
    z.object({ part: z.string(), type: z.string(), state: z.enum(['good', 'bad', 'none']), why: z.string() }),
  ),
});

/** Those that were not asked for stand there too, and why. */
export function guestChecks(facts: DrillFacts, outputs: Outputs, byJournal: ByJournal): DrillCheck[] {
  const { agent, command, marker } = facts;
  const silent = 'it takes the guest agent';
  const notTried = (name: string, found: string): DrillCheck => ({ name, result: 'not tried', found });
  const [COMMAND, MARKER, CHECK] = ['Command', 'Marker file', 'Filesystem check'];
  return [
    command === null
      ? notTried(COMMAND, agent ? 'the configuration names none (`dr.command`)' : silent)
      : byJournal(COMMAND, ['probe-command'], commandFound(command, outputs)),
    marker === null
      ? notTried(MARKER, agent ? 'the configuration names none (`dr.marker`)' : silent)
      : byJournal(MARKER, ['read-marker'], markerFound(marker, outputs)),
    agent ? filesystemCheck(CHECK, facts, outputs, byJournal) : notTried(CHECK, silent),
  ];
}

function commandFound(command: string, outputs: Outputs): string {
  const said = Said.safeParse(outputs.get('probe-command')).data?.lastLines ?? '';
  return `\`${command}\` ended with 0${said === '' ? '' : `: ${said}`}`;
}

function markerFound({ path, sha256 }: NonNullable<DrillFacts['marker']>, outputs: Outputs): string {
  const found = Read.safeParse(outputs.get('read-marker')).data?.sha256 ?? '';
  if (sha256 !== null) return `${path} is what it was when it was backed up (SHA-256 ${found.slice(0, 12)}…)`;
  return `${path} is there, SHA-256 ${found}; what it was when it was backed up nobody noted, so it is compared with nothing`;
}

/** Nothing that could be checked is no proof. */
function filesystemCheck(name: string, { checks }: DrillFacts, outputs: Outputs, byJournal: ByJournal): DrillCheck {
  const steps = checks.flatMap(({ of, target }) => [`lend-disk:${target}`, `check-filesystems:${of}`]);
  const found = checks.flatMap(({ of }) =>
    (Found.safeParse(outputs.get(`check-filesystems:${of}`)).data?.found ?? []).map((each) => ({ of, ...each })),
  );
  const good = found.filter(({ state }) => state === 'good');
  const others = found.filter(({ state }) => state === 'none');
  const left = others.map(({ of, type, why }) => `${type} of ${of} not: ${why}`);
  const sound = good.map(({ of, type }) => `${type} of ${of} is sound`);
  const check = byJournal(name, steps, [...sound, ...left].join('; '));
  return check.result === 'passed' && good.length === 0 ? { ...check, result: 'not tried' } : check;
}
