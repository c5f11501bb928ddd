/** The verb that reads a vendor's signed checksums: its script on this machine, with bash, curl and gpgv, from a server on loopback. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readKeyring } from '../../../src/config/keyring.ts';
import { makeDriver } from '../../../src/infra/driver.ts';
import type { Ran } from '../../../src/operations/ports.ts';
import { describeUnless } from '../../kit/needs.ts';
import { answered } from '../../kit/recorded.ts';

const FOLDER = 'test/fixtures/signed';
const SIGNER = '05074F28C978247843AB80E9359254D6BF3D116F';
const sums = readFileSync(`${FOLDER}/SHA256SUMS`, 'utf8');
const lacking = ['bash', 'curl', 'gpgv'].filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);

describeUnless(lacking.length > 0 ? `there is no ${lacking.join(', ')} here` : undefined, 'signed checksums', () => {
  let server: Server;
  let base = '';
  const changed = new Map<string, string>();
  beforeAll(async () => {
    server = createServer(({ url = '' }, answer) => {
      const content = changed.get(url) ?? read(`${FOLDER}${url}`);
      if (content === null) answer.writeHead(404);
      answer.end(content ?? '');
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    base = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  });
  afterAll(() => server.close());

  const read = (path: string): Buffer | null => {
    try {
      return readFileSync(path);
    } catch {
      return null;
    }
  };
  const call = (signature: string | null, key = 'vendor.gpg', list = 'SHA256SUMS') =>
    makeDriver().images.signedText({
      url: `${base}/${list}`,
      signature: {
        url: signature === null ? null : `${base}/${signature}`,
        keyring: readKeyring(`${FOLDER}/${key}`),
        keyFile: key,
      },
    });
  /** The command of the call as a host would run it, without the time limit. The server is of this process, so it must not be blocked. */
  async function ask(of: ReturnType<typeof call>, path = process.env.PATH): Promise<{ text: string; signer: string }> {
    const [command] = of.commands;
    if (command?.stdin?.kind !== 'bytes') throw new Error('the keys come as bytes');
    const { spawn } = await import('node:child_process');
    const [program, ...args] = command.argv;
    const child = spawn(program, args, { env: { PATH: path, LC_ALL: 'C' } });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text;
      });
    }
    child.stdin.end(Buffer.from(command.stdin.base64, 'base64'));
    const exit = await new Promise<number | null>((closed) => child.on('close', closed));
    const ran: Ran = { ...answered(exit ?? -1, said.stdout, said.stderr) };
    return of.parse([ran]);
  }

  it('gives the list and who signed it, where the signature stands apart, and where it stands in the list', async () => {
    expect(await ask(call('good.sig'))).toEqual({ text: sums, signer: SIGNER });
    expect(await ask(call('good.sig', 'vendor.asc'))).toEqual({ text: sums, signer: SIGNER });
    expect(await ask(call(null, 'vendor.gpg', 'CHECKSUM'))).toEqual({ text: sums, signer: SIGNER });
  });

  it('gives only what is under the signature', async () => {
    changed.set('/CHECKSUM-more', `${'0'.repeat(64)}  cloud.qcow2\n${read(`${FOLDER}/CHECKSUM`)?.toString()}`);
    expect(await ask(call(null, 'vendor.gpg', 'CHECKSUM-more'))).toEqual({ text: sums, signer: SIGNER });
  });

  it.each([
    [
      'a list that is another',
      'good.sig',
      'vendor.gpg',
      'changed',
      /signature http\S+good\.sig is wrong: the checksums are not what was signed/,
    ],
    [
      'a key that nobody named',
      'good.sig',
      'old.gpg',
      'SHA256SUMS',
      /made by key 359254D6BF3D116F, which old\.gpg does not hold/,
    ],
    [
      'a key that is over',
      'expired.sig',
      'old.gpg',
      'SHA256SUMS',
      /The key that made the signature http\S+expired\.sig has expired/,
    ],
    [
      'no signature',
      'none.sig',
      'vendor.gpg',
      'SHA256SUMS',
      /Reading http\S+none\.sig: its server says that there is no such file/,
    ],
    ['no list', 'good.sig', 'vendor.gpg', 'none', /Reading http\S+none: its server says that there is no such file/],
    ['what is no signature', 'SHA256SUMS', 'vendor.gpg', 'SHA256SUMS', /http\S+SHA256SUMS is no signature/],
    ['another list’s own signature', 'CHECKSUM', 'vendor.gpg', 'changed', /could not be verified|is no signature/],
  ])('refuses %s', async (_what, signature, key, list, why) => {
    changed.set(
      '/changed',
      sums.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
    );
    await expect(ask(call(signature, key, list))).rejects.toThrow(why);
  });

  it('refuses a list that is not signed where it should be, and says where the host has no gpgv', async () => {
    await expect(ask(call(null))).rejects.toThrow(/is no signature|could not be verified/);
    const ran: Ran = { ...answered(127, 'stage sums\nstage signature\nstage verify\n'), stderr: 'gpgv: not found' };
    expect(() => call('good.sig').parse([ran])).toThrow(/no gpgv/);
  });

  it('leaves nothing behind', async () => {
    const count = () => execFileSync('sh', ['-c', 'ls -d /tmp/tmp.* 2>/dev/null | wc -l'], { encoding: 'utf8' });
    const before = count();
    await ask(call('good.sig'));
    await expect(ask(call('none.sig'))).rejects.toThrow();
    expect(count()).toBe(before);
  });
});
