/** A vendor's list of checksums whose signature was verified, on the host that read both. */
import { BotError } from '../../domain/error.ts';
import type { SumsSignature } from '../../domain/image.ts';
import type { ImageVerbs } from '../../operations/image-verbs.ts';
import type { Ran } from '../../operations/ports.ts';
import { answerTo, lastWords, refused } from '../answer.ts';
import { whyCurlFailed } from './curl.ts';

/** Says what it does next, so that a failure has a place; then what gpgv found, and what it was that it verified. */
const STAGES = {
  sums: 'stage sums',
  signature: 'stage signature',
  verify: 'stage verify',
  text: 'stage text',
} as const;

/**
 * All in one, so that what is read is what was verified. The keys come on stdin; gpgv wants them as a file. Addresses come as arguments; the
 * second is empty where the list is signed itself, and then only what is under the signature is given back.
 */
export const SIGNED_SUMS = [
  'folder=$(mktemp -d) || exit',
  'trap \'rm -rf "$folder"\' EXIT',
  'cd "$folder" && cat >keys || exit',
  'get() {',
  '  case $2 in https:*) within==https ;; *) within==http,https ;; esac',
  '  curl -fsSL --proto =http,https --proto-redir "$within" --max-filesize 1048576 -o "$1" --url "$2"',
  '}',
  `echo "${STAGES.sums}"; get sums "$1" || exit`,
  'if [ -n "$2" ]; then',
  `  echo "${STAGES.signature}"; get signature "$2" || exit`,
  `  echo "${STAGES.verify}"; gpgv --status-fd 1 --keyring ./keys signature sums || exit`,
  'else',
  `  echo "${STAGES.verify}"; gpgv --status-fd 1 --keyring ./keys --output signed sums || exit`,
  '  mv signed sums || exit',
  'fi',
  `echo "${STAGES.text}"; cat sums`,
].join('\n');

export function signedText(): ImageVerbs['signedText'] {
  return ({ url, signature }) => ({
    title: `Read ${url}, and verify its signature`,
    commands: [
      {
        argv: ['bash', '-c', SIGNED_SUMS, 'hostler', url, signature.url ?? ''],
        stdin: { kind: 'bytes', base64: signature.keyring, label: `the keys of ${signature.keyFile}` },
        limit: 'quick',
        onFailure: 'go-on',
      },
    ],
    parse: (ran) => readSigned(answerTo(ran), url, signature),
  });
}

function readSigned(answer: Ran, url: string, signature: SumsSignature): { text: string; signer: string } {
  const { stdout } = answer;
  const end = `\n${STAGES.text}\n`;
  const at = stdout.indexOf(end);
  const report = at < 0 ? stdout : stdout.slice(0, at);
  const source = signature.url ?? url;
  if (!report.includes(STAGES.sums)) throw refused('Verifying a signature', answer);
  if (!report.includes(STAGES.verify)) {
    const what = report.includes(STAGES.signature) ? source : url;
    throw new BotError('host_fault', `Reading ${what}: ${whyCurlFailed(answer.exit) ?? lastWords(answer)}`, {
      hint: `Try \`curl ${what}\` there.`,
      cause: { line: answer.line, stderr: answer.stderr },
    });
  }
  const bad = fault(report, answer, source, signature.keyFile);
  if (bad !== null) throw bad;
  const signer = /^\[GNUPG:\] VALIDSIG ([0-9A-F]{40,64}) /m.exec(report)?.[1];
  // gpgv's exit code alone won't do: it is 0 for a key that is over.
  if (answer.exit !== 0 || at < 0 || signer === undefined || !has(report, 'GOODSIG')) {
    throw new BotError('host_fault', `The signature ${source} could not be verified: ${lastWords(answer)}`, {
      cause: { line: answer.line, stdout: report, stderr: answer.stderr },
    });
  }
  return { text: stdout.slice(at + end.length), signer };
}

function has(report: string, word: string): boolean {
  return new RegExp(`^\\[GNUPG:\\] ${word}\\b`, 'm').test(report);
}

/** What gpgv found, worst first; null where it has nothing to say against it. */
function fault(report: string, answer: Ran, source: string, keyFile: string): BotError | null {
  const say = (message: string, hint: string) =>
    new BotError('host_fault', message, { hint, cause: { line: answer.line, stdout: report, stderr: answer.stderr } });
  const unknown = /^\[GNUPG:\] NO_PUBKEY ([0-9A-F]+)/m.exec(report)?.[1];
  const newer = `Fetch the vendor’s present key, compare its fingerprint with the vendor’s page, and put it into ${keyFile}.`;
  const notTheirs = 'Nothing of it is used. Try again; if it stays so, ask who stands between (a mirror, a proxy).';
  if (answer.exit === 127)
    return say('The host has no gpgv', 'Install it: `apt install gpgv`, or `dnf install gnupg2`.');
  if (has(report, 'BADSIG'))
    return say(`The signature ${source} is wrong: the checksums are not what was signed`, notTheirs);
  if (has(report, 'NODATA'))
    return say(`${source} is no signature`, 'Compare `source.signature` with the vendor’s page.');
  if (has(report, 'REVKEYSIG')) return say(`The key that made the signature ${source} was revoked`, newer);
  if (has(report, 'EXPSIG')) return say(`The signature ${source} has expired`, notTheirs);
  if (has(report, 'GOODSIG')) return null;
  if (has(report, 'EXPKEYSIG')) return say(`The key that made the signature ${source} has expired`, newer);
  if (unknown !== undefined)
    return say(`The signature ${source} was made by key ${unknown}, which ${keyFile} does not hold`, newer);
  return null;
}
