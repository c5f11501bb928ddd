/** The files that a unit has for its stdin and stdout: `StandardInput=file:PATH` and `StandardOutput=truncate:PATH`. */
import { freeBytes, kindAt, mayWrite, parentOf, writeFile } from '../model/files.ts';
import type { FileNode, HostModel, Unit } from '../model/host-model.ts';
import type { ToolCall, ToolResult } from './tool.ts';

type UnitFiles = Pick<Unit, 'input' | 'output' | 'errorsToo'>;

/** Of a unit's properties. */
export function unitFiles(properties: readonly string[]): UnitFiles {
  const of = (before: string) => properties.find((it) => it.startsWith(before))?.slice(before.length);
  const [input, output] = [of('StandardInput=file:'), of('StandardOutput=truncate:')];
  const apart = properties.some((it) => it.startsWith('StandardError='));
  return {
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { output }),
    ...(output === undefined || apart ? {} : { errorsToo: true }),
  };
}

/** Opens them as the unit's user, before its program runs. Answers with systemd's own exit code where that can't be. */
export function openFiles({ model, now }: ToolCall, { input, output }: UnitFiles): number | undefined {
  if (input !== undefined && model.files[input]?.kind !== 'file') return 208;
  if (output === undefined) return undefined;
  if (kindAt(model, parentOf(output)) !== 'dir' || !mayWrite(model, output, false)) return 209;
  writeFile(model, output, Buffer.alloc(0), model.user, now);
  return undefined;
}

const FULL = 'No space left on device';

/** Runs a unit's program between its files. */
export function runUnit(
  model: HostModel,
  { input, output, errorsToo, endsAt }: Unit,
  run: (input: FileNode | undefined) => ToolResult,
): ToolResult {
  const result = run(input === undefined ? undefined : model.files[input]);
  if (output === undefined || model.files[output] === undefined) return result;
  const { bulk } = result;
  const stdout = errorsToo === true ? result.stdout + result.stderr : result.stdout;
  const wanted = bulk?.sizeBytes ?? Buffer.byteLength(stdout);
  const room = freeBytes(model);
  writeFile(model, output, Buffer.from(bulk === undefined ? stdout.slice(0, room) : ''), model.user, endsAt);
  const node = model.files[output];
  if (bulk !== undefined && node !== undefined) {
    const content = wanted > room ? `half of ${bulk.content}` : bulk.content;
    const sizeBytes = Math.min(room, wanted);
    model.files[output] = { ...node, base64: null, content, sizeBytes, unpackedBytes: bulk.unpackedBytes };
  }
  return wanted > room ? { ...result, exit: 70, stderr: `${result.stderr}write error: ${FULL}\n` } : result;
}
