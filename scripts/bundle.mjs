// Puts what bin/hostler runs into few files: `node scripts/bundle.mjs FOLDER`. Node finds and reads each module by itself, which took
// longer than all else of a command. Packages stay what they are, and the map leads a stack to the line of the source.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { root } from './prepare.mjs';

const [, , folder] = process.argv;
if (folder === undefined) throw new Error('where to? node scripts/bundle.mjs FOLDER');

const bundle = await rolldown({
  input: join(root, 'src', 'main.ts'),
  cwd: root,
  platform: 'node',
  external: (id, importer) => importer !== undefined && !/^[./]/.test(id),
});
await bundle.write({ dir: folder, format: 'esm', sourcemap: true });
await bundle.close();
// Read beside the code, which finds them by its own address.
cpSync(join(root, 'src', 'infra', 'sqlite', 'migrations'), join(folder, 'migrations'), { recursive: true });
