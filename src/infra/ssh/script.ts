/**
 * One script for the commands of one host call, and its inverse.
 *
 * The script goes to the host on the stdin of `exec /bin/sh -s`; nothing is ever spliced into the exec line.
 * It is one function, called on the last line: a script cut short on its way runs nothing.
 * After each command a frame on stdout and on stderr tells where its output ends. Frames cost no process.
 *
 * The grammar, with NONCE as 32 hex digits and N counting from 1:
 *
 *     PROLOGUE                                     opens the function, defines the frame, prints frame 0
 *     LINE </dev/null                              a command without stdin
 *     LINE <<'NONCE-N' text… NONCE-N               … with text
 *     base64 -d <<'NONCE-N' | LINE base64… NONCE-N … with bytes
 *     _hostler_frame N $? || return                after a command with onFailure stop, or
 *     _hostler_frame N $? || :                     after one with go-on
 *     }
 *     _hostler
 */
import { type Command, commandLine, type TimeLimits } from '../../domain/command.ts';
import { readWords } from './words.ts';

/** What one exec runs on a host; the script follows on its stdin. */
export const SCRIPT_EXEC = 'exec /bin/sh -s';

const NONCE = /^[0-9a-f]{32}$/;

/**
 * No prefix of `_hostler` is a program, so a last line cut short runs nothing either.
 * The frame ends the script when it can't be written: once the link is gone, nothing new begins.
 * `read` is built in, so the clock costs no process; seconds since boot, zero where there is no /proc.
 */
const prologue = (nonce: string): string => `_hostler() {
export LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
_hostler_frame() {
_hostler_t=0
{ read -r _hostler_t _hostler_u </proc/uptime; } 2>/dev/null
printf '\\n%s %s %s %s\\n' ${nonce} "$1" "$2" "$_hostler_t" || exit 1
printf '\\n%s %s\\n' ${nonce} "$1" >&2 || exit 1
return "$2"
}
_hostler_frame 0 0
`;
const EPILOGUE = '}\n_hostler\n';
const AFTER = { stop: '|| return', 'go-on': '|| :' } as const;

/** Renders the commands. `nonce` must be fresh: 32 random hex digits. Throws RangeError for what a shell can't carry. */
export function renderScript(commands: readonly Command[], limits: TimeLimits, nonce: string): string {
  if (!NONCE.test(nonce)) throw new RangeError('a nonce is 32 hex digits');
  const parts = commands.map((command, index) => {
    const number = index + 1;
    return `${renderCommand(command, limits, `${nonce}-${number}`)}_hostler_frame ${number} $? ${AFTER[command.onFailure ?? 'stop']}\n`;
  });
  return prologue(nonce) + parts.join('') + EPILOGUE;
}

function renderCommand(command: Command, limits: TimeLimits, end: string): string {
  const line = commandLine(command, limits);
  const { stdin } = command;
  if (stdin === undefined) return `${line} </dev/null\n`;
  if (stdin.kind === 'secret') throw new RangeError(`nobody filled in the secret ${stdin.name}`);
  if (stdin.kind === 'text') {
    if (stdin.text.includes('\0')) throw new RangeError('a text for stdin holds a NUL byte: send it as bytes');
    if (stdin.text.includes(end)) throw new RangeError('a text for stdin holds the nonce');
    return `${line} <<'${end}'\n${withNewline(stdin.text)}${end}\n`;
  }
  const bytes = Buffer.from(stdin.base64, 'base64');
  const rows = bytes.toString('base64').match(/.{1,76}/g) ?? [];
  return `base64 -d <<'${end}' | ${line}\n${rows.map((row) => `${row}\n`).join('')}${end}\n`;
}

/** A heredoc ends in a newline, except the empty one. */
function withNewline(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/** A command as a script carries it. */
export interface ScriptCommand {
  /** The command line, exactly as `commandLine` gave it. */
  readonly line: string;
  /** Its words, unquoted, with the `sudo -n` and `timeout` before them. */
  readonly argv: readonly string[];
  /** A string for text, a Buffer for bytes, undefined for none. */
  readonly stdin: string | Buffer | undefined;
  readonly onFailure: 'stop' | 'go-on';
}

export interface Script {
  readonly nonce: string;
  readonly commands: readonly ScriptCommand[];
}

/** The inverse of `renderScript`. Throws SyntaxError for a text that `renderScript` did not make, or only a part of one. */
export function parseScript(text: string): Script {
  const nonce = /printf '\\n%s %s %s %s\\n' ([0-9a-f]{32}) /.exec(text)?.[1];
  if (nonce === undefined || !text.startsWith(prologue(nonce))) throw new SyntaxError('not a script of ours');
  const commands: ScriptCommand[] = [];
  let at = prologue(nonce).length;
  while (!text.startsWith(EPILOGUE, at)) {
    const found = parseCommand(text, at, nonce, commands.length + 1);
    commands.push(found.command);
    at = found.next;
  }
  if (at + EPILOGUE.length !== text.length) throw new SyntaxError('text after the end of the script');
  return { nonce, commands };
}

function parseCommand(text: string, from: number, nonce: string, number: number) {
  const end = `${nonce}-${number}`;
  const decoder = `base64 -d <<'${end}' | `;
  const bytes = text.startsWith(decoder, from);
  const start = bytes ? from + decoder.length : from;
  const { words, next } = readWords(text, start);
  const line = text.slice(start, next);
  const opening = bytes ? '\n' : [' </dev/null\n', ` <<'${end}'\n`].find((it) => text.startsWith(it, next));
  if (opening === undefined || !text.startsWith(opening, next)) throw unexpected(text, next);
  const bodyAt = next + opening.length;
  let at = bodyAt;
  let stdin: string | Buffer | undefined;
  if (opening !== ' </dev/null\n') {
    const close = text.indexOf(`\n${end}\n`, bodyAt - 1);
    if (close < 0) throw unexpected(text, bodyAt);
    const body = text.slice(bodyAt, close + 1);
    stdin = bytes ? Buffer.from(body, 'base64') : body;
    at = close + 1 + end.length + 1;
  }
  for (const onFailure of ['stop', 'go-on'] as const) {
    const frame = `_hostler_frame ${number} $? ${AFTER[onFailure]}\n`;
    const command: ScriptCommand = { line, argv: words, stdin, onFailure };
    if (text.startsWith(frame, at)) return { command, next: at + frame.length };
  }
  throw unexpected(text, at);
}

function unexpected(text: string, at: number): SyntaxError {
  return new SyntaxError(`unexpected text at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
}
