import { describe, expect, it } from 'vitest';
import { complete, type Known } from '../../../../demo/slack/page/complete/complete.ts';
import { toStored, toTyped } from '../../../../demo/slack/page/complete/references.ts';

const known: Known = {
  commands: [
    { command: '/vm', description: 'VMs', usageHint: 'create NAME' },
    { command: '/vault', description: 'Secrets', usageHint: '' },
    { command: '/host', description: 'Hosts', usageHint: 'list' },
  ],
  completion: {
    families: {
      vm: {
        summary: 'VMs',
        subcommands: {
          create: {
            summary: 'Make a VM',
            positional: [{ name: 'name', required: true }],
            flags: [
              { name: 'image', kind: 'choice', choices: ['debian-12', 'debian-13', 'ubuntu-24.04'] },
              { name: 'cpus', kind: 'number' },
              { name: 'no-wait', kind: 'boolean' },
            ],
          },
          disk: { summary: 'Disks', positional: [], flags: [] },
          'disk extend': {
            summary: 'Make a disk larger',
            positional: [
              { name: 'vm', required: true, choices: ['web-01', 'db-01'] },
              { name: 'size', required: false },
            ],
            flags: [],
          },
        },
      },
    },
  },
  people: [
    { name: '01-dev1', realName: 'Dana Weiss' },
    { name: 'admin', realName: 'Ari Sato' },
  ],
  channels: ['team-01', 'team-02', 'general'],
};
const labels = (before: string): string[] => complete(before, known).items.map(({ label }) => label);
/** The line after one has taken the first suggestion. */
const taken = (before: string): string => {
  const { from, items } = complete(before, known);
  return before.slice(0, from) + (items[0]?.insert ?? '');
};

describe('commands', () => {
  it('begin with the families', () => {
    expect(labels('/v')).toEqual(['/vm create NAME', '/vault']);
    expect(taken('/h')).toBe('/host ');
  });

  it('go on with subcommands, of two words too', () => {
    expect(labels('/vm ')).toEqual(['create', 'disk', 'disk extend']);
    expect(labels('/vm di')).toEqual(['disk', 'disk extend']);
    expect(taken('/vm cr')).toBe('/vm create ');
  });

  it('say how they go on', () => {
    expect(complete('/vm create ', known).hint).toBe('/vm create NAME [--image …] [--cpus …] [--no-wait]');
    expect(complete('/vm disk extend web', known).hint).toBe('/vm disk extend VM [SIZE]');
    expect(complete('/host li', known).hint).toBe('/host list');
  });

  it('offer what can stand in a place', () => {
    expect(labels('/vm disk extend ')).toEqual(['web-01', 'db-01']);
    expect(taken('/vm disk extend d')).toBe('/vm disk extend db-01 ');
    expect(labels('/vm disk extend web-01 ')).toEqual([]);
  });

  it('offer flags that are not there yet, and their values', () => {
    expect(labels('/vm create web-01 --')).toEqual(['--image IMAGE', '--cpus CPUS', '--no-wait']);
    expect(labels('/vm create web-01 --no-wait --i')).toEqual(['--image IMAGE']);
    expect(labels('/vm create web-01 --image debian')).toEqual(['debian-12', 'debian-13']);
    expect(taken('/vm create web-01 --image=ub')).toBe('/vm create web-01 --image=ubuntu-24.04 ');
    expect(labels('/vm create web-01 --cpus ')).toEqual([]);
    expect(labels('/vm create web-01 ')).toEqual(['--image IMAGE', '--cpus CPUS', '--no-wait']);
  });

  it('know that a value of a flag is no argument', () => {
    expect(labels('/vm create --cpus 2 ')).toEqual([]);
    expect(labels('/vm create --no-wait web-01 ')).toEqual(['--image IMAGE', '--cpus CPUS']);
  });

  it('that nobody knows stay alone', () => {
    expect(complete('/nope ', known)).toMatchObject({ items: [], hint: '' });
  });
});

describe('people, channels and emoji', () => {
  it('are found by what was typed of them', () => {
    expect(labels('ask @da')).toEqual(['@01-dev1']);
    expect(labels('@a')[0]).toBe('@admin');
    expect(taken('see #te')).toBe('see #team-01 ');
    expect(labels(':white_ch')).toEqual(['✅ :white_check_mark:']);
  });

  it('are not meant by an address, a time or a single letter', () => {
    expect(labels('a@b')).toEqual([]);
    expect(labels('12:30')).toEqual([]);
    expect(labels(':w')).toEqual([]);
  });

  it('stand in commands as well', () => {
    expect(labels('/host grant @ad')).toEqual(['@admin']);
  });
});

describe('what was typed, as Slack stores it', () => {
  const names = {
    people: [{ id: 'U01DEV', name: '01-dev1' }],
    groups: [{ id: 'S01', handle: 'leads' }],
    channels: [{ id: 'C01', name: 'team-01' }],
  };

  it.each([
    ['hi @01-dev1, see #team-01.', 'hi <@U01DEV>, see <#C01>.'],
    ['@leads @here @nobody #nowhere', '<!subteam^S01> <!here> @nobody #nowhere'],
    ['a < b & <@U01DEV>', 'a &lt; b &amp; &lt;@U01DEV&gt;'],
    ['mail@01-dev1', 'mail@01-dev1'],
  ])('%j', (typed, stored) => {
    expect(toStored(typed, names)).toBe(stored);
    expect(toTyped(stored, names)).toBe(typed);
  });
});
