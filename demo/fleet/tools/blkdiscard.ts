/** blkdiscard -z: zeros over a volume, from an offset to its end. */
import { volumeAt, withoutLeftovers } from '../model/lvm.ts';
import { has, last, parseOptions } from './options.ts';
import { fail, ok, type Tool, unknown } from './tool.ts';

export const blkdiscard: Tool = (call) => {
  const parsed = parseOptions(call.args, { '-z': 'flag', '-o': 'value' });
  const [path = '', ...others] = parsed.rest;
  const offset = Number(last(parsed, '-o') ?? '0');
  if (parsed.bad !== undefined || others.length > 0 || !has(parsed, '-z') || !Number.isSafeInteger(offset))
    return unknown(`blkdiscard ${call.args.join(' ')}`, 1, 'blkdiscard: the simulator does not know this');
  const volume = volumeAt(call.model, path);
  if (volume === undefined || !volume.active)
    return fail(1, `blkdiscard: cannot open ${path}: No such file or directory`);
  if (!call.root) return fail(1, `blkdiscard: cannot open ${path}: Permission denied`);
  if (offset > volume.sizeBytes) return fail(1, `blkdiscard: ${path}: offset is greater than device size`);
  if (!call.half) volume.content = offset === 0 ? 'zero' : withoutLeftovers(volume.content);
  return ok();
};
