// `npm run gen`: writes what is derived from the catalog. test/generated.test.ts fails when one of them is stale.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../src/main/version.ts';
import { generated } from './generated.ts';

for (const [file, text] of generated()) {
  const path = join(packageRoot(), file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`wrote ${file}`);
}
