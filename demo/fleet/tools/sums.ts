/** sha256sum and sha512sum on the model's files and volumes. */
import { digestOf } from '../model/files.ts';
import { volumeAt } from '../model/lvm.ts';
import { ok, type Tool } from './tool.ts';
import { words } from './words.ts';

const MISSING = 'No such file or directory';
const DENIED = 'Permission denied';

export const sha256sum = sums('sha256');
export const sha512sum = sums('sha512');

function sums(algorithm: 'sha256' | 'sha512'): Tool {
  const tool = `${algorithm}sum`;
  return (call) => {
    const { parsed, problem } = words(tool, call, { '-b': 'flag' });
    if (problem !== undefined) return problem;
    if (parsed.rest.length === 0 && call.input !== undefined) return ok(`${digestOf(call.input, algorithm)}  -\n`);
    let [stdout, stderr] = ['', ''];
    for (const path of parsed.rest) {
      const node = call.model.files[path];
      const volume = volumeAt(call.model, path);
      if (volume?.active === true && call.root)
        stdout += `${digestOf({ base64: null, content: volume.content }, algorithm)}  ${path}\n`;
      else if (volume?.active === true) stderr += `${tool}: ${path}: ${DENIED}\n`;
      else if (node === undefined) stderr += `${tool}: ${path}: ${MISSING}\n`;
      else if (node.kind === 'dir') stderr += `${tool}: ${path}: Is a directory\n`;
      else stdout += `${digestOf(node, algorithm)}  ${path}\n`;
    }
    return { exit: stderr === '' ? 0 : 1, stdout, stderr };
  };
}
