/** Which programs a simulated host has, by their path. */
import type { ToolCall } from './tool.ts';

export function isProgram({ model, has: knows }: ToolCall, path: string): boolean {
  const name = /^\/usr\/s?bin\/([^/]+)$/.exec(path)?.[1];
  if (name === undefined || model.lacks?.includes(name) === true) return false;
  // It only ever runs inside of a shell line of ours.
  return name === 'thin_delta' || knows(name);
}
