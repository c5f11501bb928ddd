/** Small files in Hostler's own directory on a host, and those of backups, which may lie on another machine. */
import type { FileVerbs } from '../../operations/file-verbs.ts';
import { answerTo, nothing, refused, unreadable } from '../answer.ts';
import { callAt } from '../backups/remote.ts';

export function fileVerbs(): FileVerbs {
  return {
    write: (file, { base64, label }) =>
      callAt([file], ([path = '']) => ({
        title: `Write ${file}`,
        commands: [
          {
            argv: ['dd', `of=${absolute(path)}.part`, 'status=none', 'conv=fsync'],
            stdin: { kind: 'bytes', base64, label },
            limit: 'quick',
          },
          { argv: ['mv', '-T', '--', `${path}.part`, path], limit: 'quick' },
        ],
        parse: nothing,
      })),
    rename: (before, after) =>
      callAt([before, after], ([from = '', to = '']) => ({
        title: `Rename ${before} to ${after}`,
        commands: [{ argv: ['mv', '-T', '--', absolute(from), absolute(to)], limit: 'quick' }],
        parse: nothing,
      })),
    // With what a write that was cut short may have left.
    remove: (file) =>
      callAt([file], ([path = '']) => ({
        title: `Remove ${file}`,
        commands: [{ argv: ['rm', '-f', '--', absolute(path), `${path}.part`], limit: 'quick' }],
        parse: nothing,
      })),
    look: (file) =>
      callAt([file], ([path = '']) => ({
        title: `Look at ${file}`,
        commands: [{ argv: ['stat', '-c', '%s', '--', absolute(path)], limit: 'quick', onFailure: 'go-on' }],
        parse: (ran) => {
          const answer = answerTo(ran);
          if (answer.exit === 1 && answer.stderr.includes('No such file or directory')) return null;
          if (answer.exit !== 0) throw refused(`Looking at ${file}`, answer);
          const size = answer.stdout.trim();
          if (!/^\d+$/.test(size)) throw unreadable(`Looking at ${file}`, answer);
          return { sizeBytes: Number(size) };
        },
      })),
  };
}

/** A path from the root without `..`: relative ones would depend on where the shell happens to start. */
function absolute(path: string): string {
  if (!path.startsWith('/') || path.split('/').includes('..')) throw new RangeError(`not an absolute path: ${path}`);
  return path;
}
