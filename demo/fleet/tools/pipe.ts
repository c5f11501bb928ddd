/** Programs in a row, as a shell with pipefail runs them. Each is done before the next begins. */
import { readWords } from '../../../src/infra/ssh/words.ts';
import type { FileNode } from '../model/host-model.ts';
import { type ToolCall, type ToolResult, unknown } from './tool.ts';

const BETWEEN = ' | ';

/** It ends as the last of them that failed. */
export function runPipe(call: ToolCall, script: string): ToolResult {
  let input = call.input;
  let [exit, stderr] = [0, ''];
  for (let at = 0; ; ) {
    const { words, next } = readWords(script, at);
    const result = call.run(words, { input });
    exit = result.exit === 0 ? exit : result.exit;
    stderr += result.stderr;
    if (result.unknown !== undefined) return result;
    if (next === script.length) return { ...result, exit, stderr };
    if (!script.startsWith(BETWEEN, next)) return unknown(`bash -c ${script}`, 2, 'bash: syntax error');
    at = next + BETWEEN.length;
    input = written(call, result);
  }
}

/** What a program wrote, as the next one reads it. */
function written({ model, now }: ToolCall, { stdout, bulk }: ToolResult): FileNode {
  const plain = {
    base64: Buffer.from(stdout).toString('base64'),
    content: stdout,
    sizeBytes: Buffer.byteLength(stdout),
  };
  const held = bulk === undefined ? plain : { base64: null, ...bulk };
  return { kind: 'file', owner: model.user, mode: '600', changedAt: now, image: null, ...held };
}
