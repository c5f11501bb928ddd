import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { exportScript, mountScript } from '../../lab/share.ts';

test.each([
  ['that gives', exportScript('10.10.0.0/24')],
  ['that takes', mountScript('10.10.0.11')],
])('the script of a host %s is one', (_who, script) => {
  expect(spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});

test('a share is given to the segment alone, and taken from the first host', () => {
  expect(exportScript('10.10.0.0/24')).toContain("'/srv/backup 10.10.0.0/24(rw,");
  expect(mountScript('10.10.0.11')).toContain(' 10.10.0.11:/srv/backup /srv/backup');
});
