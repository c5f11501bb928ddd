/** The shell line that takes snapshots while a guest is held, as bash runs it. */
import { SYSTEM_URI } from '../../../src/infra/libvirt/virsh.ts';
import { inOne, takeHeld, WAYS } from '../../../src/infra/snapshots/held.ts';
import { fail, ok, type ToolCall, type ToolResult } from './tool.ts';

const PROMPT = 'virsh # ';
/** What virsh says to whoever gives it no command, also where nobody looks (seen on libvirt 9.0). */
const GREETING = `Welcome to virsh, the virtualization interactive terminal.\n\nType:  'help' for help with commands\n       'quit' to quit\n\n${PROMPT}`;

/** Undefined where the line is another one. */
export function heldScript(call: ToolCall, script: string, given: readonly string[]): ToolResult | undefined {
  const group = call.model.groups.find(({ name }) => script === takeHeld(SYSTEM_URI, name));
  if (group === undefined) return undefined;
  const [how = '', uuid = '', tags = '', ...disks] = given;
  const way = Object.entries(WAYS).find(([name]) => name === how)?.[1];
  if (way === undefined || /[^0-9a-f-]/.test(uuid)) return fail(64, '');
  const virsh = (line: string): ToolResult => call.run(['virsh', '-c', SYSTEM_URI, line]);
  const [hold, release] = [inOne(way.hold, `--domain ${uuid}`), inOne(way.release, `--domain ${uuid}`)];
  // The virsh that will let go is there already.
  const said = [ok(GREETING), virsh(hold)];
  if (said[1]?.exit !== 0 && how === 'suspend') return { ...joined(said), exit: 1 };
  const add = tags.split(',').flatMap((tag) => ['--addtag', tag]);
  let exit = 0;
  for (let at = 0; at < disks.length && exit === 0; at += 2) {
    const made = call.run([
      'lvcreate',
      '-y',
      '-kn',
      '-s',
      '-n',
      disks[at + 1] ?? '',
      ...add,
      '--',
      `${group.name}/${disks[at]}`,
    ]);
    exit = made.exit;
    said.push(made);
    // Ended there: the guest stays as it is.
    if (call.half) return { ...joined(said), exit: 143 };
  }
  // Its complaints go nowhere.
  said.push(ok(`${release}\n`), { ...virsh(release), stderr: '' }, ok(PROMPT));
  return { ...joined(said), exit };
}

function joined(said: readonly ToolResult[]): ToolResult {
  const unknown = said.find((each) => each.unknown !== undefined)?.unknown;
  const text = (of: 'stdout' | 'stderr'): string => said.map((each) => each[of]).join('');
  return { ...ok(text('stdout'), text('stderr')), ...(unknown === undefined ? {} : { unknown }) };
}
