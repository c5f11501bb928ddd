import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Config, readConfig } from '../../src/config.ts';
import { secretsOf } from '../../src/main/command-secrets.ts';
import { AGE_KEY } from '../kit/age-key.ts';

const HOSTS = `hosts:
  - { name: kvm-1, address: 10.0.0.1, user: hostler, host_keys: ["SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM"] }
networks: [{ name: lan, bridge: br0 }]
teams: []
`;
const { identity, recipient } = AGE_KEY;

function read(backups: string, env: Record<string, string> = {}): Config {
  const result = readConfig(`${HOSTS}backups: ${backups}\n`, '/etc/hostler', env);
  if (!result.ok) throw new Error(result.faults.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return result.config;
}

describe('backups in the configuration', () => {
  it('are none where nothing is said', () => {
    expect(read('{}').settings.backups).toEqual({
      target: null,
      fullEvery: 7,
      rateBytes: null,
      encryptTo: null,
      readable: [],
    });
  });

  it('go into a directory, or to another machine', () => {
    expect(read('{ target: /srv/backup/ }').settings.backups.target).toBe('/srv/backup');
    const machine = '{ target: { host: nas.example, user: backup, directory: /srv/b/ } }';
    expect(read(machine).settings.backups.target).toBe('ssh://backup@nas.example:22/srv/b');
    const v6 = '{ target: { host: "fd00::1", user: backup, directory: /b/x, port: 2222 } }';
    expect(read(v6).settings.backups.target).toBe('ssh://backup@[fd00::1]:2222/b/x');
    expect(() => read('{ target: { host: nas.example, directory: /srv/b } }')).toThrow(/user/);
  });

  it('have a rate in sizes', () => {
    expect(read('{ target: /b/x, rate: 50MiB }').settings.backups.rateBytes).toBe(50 * 1024 ** 2);
    expect(() => read('{ target: /b/x, rate: 10KiB }')).toThrow(/expected 1MiB \(a second\) or more/);
  });

  it('are encrypted to a key without typing errors, and read with one that is there', () => {
    const text = `{ target: /b/x, encrypt_to: ${recipient}, identity: env:KEY }`;
    const config = read(text, { KEY: `# mine\n${identity}\n` });
    expect(config.settings.backups).toMatchObject({ encryptTo: recipient, readable: [recipient] });
    expect(JSON.stringify(config)).not.toContain(identity);
    expect(secretsOf(() => config, { KEY: identity })('backup-identity')).toBe(`${identity}\n`);
    expect(() => read(`{ encrypt_to: ${recipient}x }`)).toThrow(/expected a public key of age’s/);
    expect(() => read(text)).toThrow('env:KEY is not set');
    expect(() => read(text, { KEY: 'hunter2' })).toThrow('env:KEY holds no private key of age’s');
    expect(() => read(`{ identity: ${identity} }`)).toThrow(/secrets don’t stand in the config/);
    expect(() => secretsOf(() => read('{}'), {})('backup-identity')).toThrow('names no private key for backups');
  });

  it('are read with a key in a file, and older ones in it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hostler-key-'));
    const file = join(folder, 'backup.key');
    writeFileSync(file, `${identity}\n# before\n${identity}\n`);
    expect(read(`{ identity: "file:${file}" }`).settings.backups.readable).toEqual([recipient, recipient]);
    rmSync(folder, { recursive: true });
  });
});
