/** Which commands only look. */

const PROGRAMS = [
  'cat',
  'test',
  'stat',
  'df',
  'sha256sum',
  'lvs',
  'vgs',
  'pvs',
  'uname',
  'id',
  'virt-install',
  'date',
  'head',
  'ping',
];
const VIRSH =
  /^(echo|version|uri|hostname|list|dom(info|state|id|uuid|name|display|blklist|iflist|jobinfo|stats|ifaddr|fsinfo)|vncdisplay|dumpxml|guestinfo|net-(?:list|info|dumpxml|dhcp-leases))$/;

/** False where it may change something, or isn't known. */
export function isReading(argv: readonly string[]): boolean {
  let rest = argv;
  if (rest[0] === 'sudo') rest = rest.slice(rest[1] === '-n' ? 2 : 1);
  if (rest[0] === 'timeout') rest = rest.slice(4);
  const [program = '', ...args] = rest;
  if (program === 'virsh') {
    const [command = '', ...words] = args[0] === '-c' ? args.slice(2) : args;
    // One argument may hold several commands.
    return words.length > 0 ? VIRSH.test(command) : command.split('; ').every(looks);
  }
  if (program === 'systemctl') return args.includes('list-units');
  if (program === 'qemu-img') return args[0] === 'info';
  return PROGRAMS.includes(program);
}

/** A command of virsh's, as one text. Whether a guest's agent is alive changes nothing. */
function looks(text: string): boolean {
  return (
    VIRSH.test(text.split(' ')[0] ?? '') || (text.startsWith('qemu-agent-command ') && text.includes('"guest-ping"'))
  );
}
