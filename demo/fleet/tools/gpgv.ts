/**
 * gpgv on a vendor's list of checksums. No cryptography: a simulated signature says who made it of what (`signatureOf`), and the report is
 * in gpgv 2.2's own words.
 */
import { createHash } from 'node:crypto';
import { fail, ok, type ToolCall, type ToolResult, unknown } from './tool.ts';

const MARK = 'simulated signature';

/** What stands for a detached signature. `key`: 40 hex digits. */
export function signatureOf(sums: string, key: string, state: 'good' | 'expired' = 'good'): string {
  return `${MARK} ${key} ${state} ${sha256(sums)}\n`;
}

/** Keys as they come on stdin: the fingerprints, one a line. */
export function keyringOf(...keys: readonly string[]): string {
  return Buffer.from(keys.join('\n')).toString('base64');
}

export function signedSums(call: ToolCall, [url = '', from = '']: readonly string[]): ToolResult {
  const get = (address: string) => call.run(['curl', '-fsSL', '--url', address]);
  const sums = get(url);
  if (sums.exit !== 0) return { ...sums, stdout: 'stage sums\n' };
  const began = 'stage sums\nstage signature\n';
  if (from === '')
    return unknown(`a signed list of checksums: ${url}`, 2, 'gpgv: the simulator knows detached signatures');
  const signature = get(from);
  if (signature.exit !== 0) return { ...signature, stdout: began };
  const keys = call.stdin?.toString().split('\n') ?? [];
  const { exit, words } = verified(signature.stdout, sums.stdout, keys);
  const report = words.map((line) => `[GNUPG:] ${line}\n`).join('');
  const said = `${began}stage verify\n${report}`;
  return exit === 0 ? ok(`${said}stage text\n${sums.stdout}`) : fail(exit, 'gpgv: verify signatures failed', said);
}

function verified(signature: string, text: string, keys: readonly string[]) {
  const [, key = '', state, of] =
    new RegExp(`^${MARK} ([0-9A-F]{40}) (good|expired) ([0-9a-f]{64})`).exec(signature) ?? [];
  const id = key.slice(-16);
  if (key === '') return { exit: 2, words: ['NODATA 1', 'NODATA 2'] };
  if (!keys.includes(key))
    return { exit: 2, words: ['NEWSIG', `ERRSIG ${id} 22 8 00 1795812276 9 ${key}`, `NO_PUBKEY ${id}`] };
  if (of !== sha256(text)) return { exit: 1, words: ['NEWSIG', `BADSIG ${id} Vendor`] };
  // Of a key that is over gpgv says so, and ends with 0.
  const word = state === 'expired' ? 'EXPKEYSIG' : 'GOODSIG';
  return {
    exit: 0,
    words: ['NEWSIG', `${word} ${id} Vendor`, `VALIDSIG ${key} 2026-11-27 1795812276 0 4 0 22 8 00 ${key}`],
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
