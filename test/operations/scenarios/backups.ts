/** Backups and drills. */
import { AGE_KEY } from '../../kit/age-key.ts';
import { INCREMENTS } from '../../kit/increments.ts';
import { testSettings } from '../../kit/settings.ts';
import { after, create, increments, type Scenarios, vm } from './kit.ts';

const { recipient } = AGE_KEY;
const encrypted = {
  backups: {
    target: '/srv/backup/hostler',
    fullEvery: 1,
    rateBytes: 50 * 1024 ** 2,
    encryptTo: recipient,
    readable: [recipient],
  },
};
export const BACKUPS: Scenarios = {
  'vm.backup.now': {
    'running, frozen': { input: vm, prepare: create },
    'encrypted, at a rate': { input: vm, prepare: create, settings: encrypted },
    'a full one that another can build on': {
      input: { ...vm, full: true },
      prepare: increments,
      settings: INCREMENTS,
      lastToFail: 'finish-file',
    },
    'what has changed': { input: vm, prepare: increments, settings: INCREMENTS, lastToFail: 'finish-file' },
  },
  'vm.backup.verify': {
    whole: { input: { backup: 'web-01.1' }, prepare: after(['vm.backup.now', vm]) },
    encrypted: { input: { backup: 'web-01.1' }, prepare: after(['vm.backup.now', vm]), settings: encrypted },
    'that builds on others': { input: { backup: 'web-01.2' }, prepare: increments, settings: INCREMENTS },
  },
  'vm.backup.restore': {
    'as a new VM': { input: { backup: 'web-01.1', as: 'web-02' }, prepare: after(['vm.backup.now', vm]) },
    'in place, running': { input: { backup: 'web-01.1' }, prepare: after(['vm.backup.now', vm]) },
    'encrypted, at a rate': {
      input: { backup: 'web-01.1', as: 'web-02' },
      prepare: after(['vm.backup.now', vm]),
      settings: encrypted,
    },
    'that builds on another': {
      input: { backup: 'web-01.2', as: 'web-02' },
      prepare: increments,
      settings: INCREMENTS,
    },
  },
  'vm.backup.delete': {
    whole: { input: { backup: 'web-01.1' }, prepare: after(['vm.backup.now', vm]) },
    'that builds on another': { input: { backup: 'web-01.2' }, prepare: increments, settings: INCREMENTS },
  },
  'vm.backup.schedule': {
    first: { input: { ...vm, keep: '7 daily' }, prepare: create },
    ended: { input: { ...vm, keep: 'off' }, prepare: after(['vm.backup.schedule', { ...vm, keep: '2 weekly' }]) },
  },
  'dr.drill': {
    'of a running VM': {
      input: { ...vm, sameHost: true },
      prepare: after(['vm.backup.now', vm]),
      // What is taken down is asked for until it is gone.
      lastToFail: 'sum-data',
    },
    // Another with no less to do: its steps are all that a drill can have.
    'of what builds on another, which is asked to run a command and show a file': {
      input: { ...vm, sameHost: true },
      prepare: increments,
      settings: {
        ...INCREMENTS,
        teams: testSettings([]).teams.map((team) => ({
          ...team,
          dr: { ...team.dr, command: 'true', marker: '/etc/os-release' },
        })),
      },
      lastToFail: 'sum-data',
    },
  },
};
