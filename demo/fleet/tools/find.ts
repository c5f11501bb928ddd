/** find, as far as it lists the files of one folder: `find DIR -maxdepth 1 -type f -name PATTERN -printf '%s %f\n'`. */
import { parentOf } from '../model/files.ts';
import { fail, ok, type Tool, unknown } from './tool.ts';

export const find: Tool = ({ args, model }) => {
  const [dir = '', ...tests] = args;
  const [depth, one, type, f, name, pattern = '', printf, format] = tests;
  const known = [depth, one, type, f, name, printf, format].join(' ');
  if (tests.length !== 8 || known !== '-maxdepth 1 -type f -name -printf %s %f\\n')
    return unknown(`find ${args.join(' ')}`, 1, `find: unknown predicate '${tests[0] ?? ''}'`);
  const folder = dir.replace(/\/$/, '');
  if (model.files[folder]?.kind !== 'dir') return fail(1, `find: '${dir}': No such file or directory`);
  const like = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
  const found = Object.entries(model.files).flatMap(([path, node]) => {
    const file = path.slice(folder.length + 1);
    return node.kind === 'file' && parentOf(path) === folder && like.test(file) ? [`${node.sizeBytes} ${file}\n`] : [];
  });
  return ok(found.join(''));
};
