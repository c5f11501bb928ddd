/** age, and the scripts that read with its key: content that names whom it is for, and what it was. */
import { recipientOf } from '../../../src/config/age.ts';
import { DECRYPT, DECRYPT_AND_TEST, decryptAndTestFrom, TELL } from '../../../src/infra/backups/key.ts';
import { readWords } from '../../../src/infra/ssh/words.ts';
import { digestOf, readText, writeFile } from '../model/files.ts';
import type { FileNode, HostModel, Unit } from '../model/host-model.ts';
import { fail, ok, type Tool, type ToolCall, type ToolResult, unknown } from './tool.ts';
import { zstdFault } from './zstd.ts';

/** Bytes of a header. */
const HEADER = 200;

export const age: Tool = ({ args, input, half }) => {
  const [option, recipient = '', ...more] = args;
  if (option !== '-r' || more.length > 0)
    return unknown(`age ${args.join(' ')}`, 1, 'age: error: the simulator does not know this');
  const { content = '', sizeBytes = 0, unpackedBytes = sizeBytes } = input ?? {};
  const sealed = `age to ${recipient} ${sealOf(content)} of ${content}`;
  return {
    ...ok(),
    bulk: { content: half ? `half of ${sealed}` : sealed, sizeBytes: sizeBytes + HEADER, unpackedBytes },
  };
};

/** One of the scripts; undefined for any other. */
export function ageScript(
  call: ToolCall,
  script: string,
  unit: string,
  paths: readonly string[],
): ToolResult | undefined {
  switch (script) {
    case TELL:
      return tell(call, unit);
    case DECRYPT:
      return withKey(call, unit, (keys) => opened(keys, call.input));
    case DECRYPT_AND_TEST:
      return withKey(call, unit, (keys) => tested(call, keys, paths));
    default: {
      const remote = readWordsOf(script);
      return remote === undefined ? undefined : withKey(call, unit, (keys) => testedFrom(call, keys, remote, paths));
    }
  }
}

/** Whether it goes on waiting for its key. */
export function awaitsKey(model: HostModel, { name, argv, startedAt }: Unit, now: number): boolean {
  const reads = argv.some((word) => word.includes('mkfifo'));
  return reads && now < startedAt + model.keyWaitMs && model.files[keyPath(name)] === undefined;
}

function keyPath(unit: string): string {
  return `/run/user/1000/${unit.replace(/\.service$/, '')}.key`;
}

function tell({ model, stdin, now }: ToolCall, unit: string): ToolResult {
  const waits = model.units.some((each) => each.name === `${unit}.service` && awaitsKey(model, each, now));
  // It would wait for the unit until its time is over.
  if (!waits) return fail(124, '');
  writeFile(model, keyPath(unit), stdin ?? Buffer.alloc(0), model.user, now);
  return ok();
}

function withKey({ model }: ToolCall, unit: string, then: (recipients: readonly string[]) => ToolResult): ToolResult {
  const text = readText(model, keyPath(unit));
  delete model.files[keyPath(unit)];
  if (text === undefined) return fail(124, '');
  const found = text.split('\n').flatMap((line) => recipientOf(line) ?? []);
  return found.length === 0 ? fail(1, 'age: error: reading "/dev/fd/63": no secret keys found') : then(found);
}

type Packed = Pick<FileNode, 'content' | 'sizeBytes' | 'unpackedBytes'>;

function opened(recipients: readonly string[], node: Packed | undefined): ToolResult {
  const [, half, recipient = '', seal, content = ''] =
    /^(half of )?age to (\S+) (\w+) of (.*)$/s.exec(node?.content ?? '') ?? [];
  if (seal === undefined) return fail(1, 'age: error: failed to read header: parsing age header: unexpected intro');
  if (!recipients.includes(recipient)) return fail(1, 'age: error: no identity matched any of the recipients');
  const whole = half === undefined && seal === sealOf(content);
  const unpackedBytes = node?.unpackedBytes ?? 0;
  const bulk = { content: whole ? content : `half of ${content}`, sizeBytes: node?.sizeBytes ?? 0, unpackedBytes };
  return { ...(whole ? ok() : fail(1, 'age: error: failed to decrypt and authenticate payload chunk')), bulk };
}

/** The words of ssh, in the script that reads lines of another machine. */
function readWordsOf(script: string): readonly string[] | undefined {
  const at = script.indexOf('ssh -F');
  if (at < 0) return undefined;
  const { words, next } = readWords(script, at);
  return decryptAndTestFrom(script.slice(at, next)) === script ? words : undefined;
}

function testedFrom(call: ToolCall, recipients: readonly string[], ssh: readonly string[], lines: readonly string[]) {
  for (const line of lines) {
    const { bulk, ...read } = call.run([...ssh, line]);
    const bad = read.exit === 0 ? judge(recipients, bulk) : read;
    if (bad !== undefined) return bad;
  }
  return ok();
}

/** It ends with the first that is wrong. */
function tested({ model }: ToolCall, recipients: readonly string[], paths: readonly string[]): ToolResult {
  for (const path of paths) {
    const node = model.files[path];
    const missing = `age: error: failed to open input file "${path}": no such file or directory`;
    const bad = node === undefined ? fail(1, missing) : judge(recipients, node);
    if (bad !== undefined) return bad;
  }
  return ok();
}

/** What a file fails with; undefined for one that is whole. */
function judge(recipients: readonly string[], file: Packed | undefined): ToolResult | undefined {
  const { bulk, ...result } = opened(recipients, file);
  if (result.exit !== 0) return result;
  const wrong = zstdFault('/*stdin*\\', bulk);
  return wrong === undefined ? undefined : fail(1, wrong);
}

function sealOf(content: string): string {
  return digestOf({ base64: null, content }, 'sha256').slice(0, 8);
}
