/** Our own source as text, for the tests that hold its rules. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface SourceFile {
  /** From the repository's root, as `src/domain/vm.ts`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** A package (`zod`, `@slack/bolt`), `node:fs`, or a path from the root for a file of ours. */
  readonly from: string;
  /** Nothing of it is left when the types are gone. */
  readonly typesOnly: boolean;
  /** `import('…')`: loaded when asked for. */
  readonly dynamic: boolean;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

const STATIC = /^(?:import|export)\s+(type\s+)?((?:[\w$*]|[\s,{}])*?)\s*from\s+'([^']+)'/gm;
const BARE = /^import\s+'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*'([^']+)'/g;

/** Every .ts, .tsx and .mjs file below the folder. */
export function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(tsx?|mjs)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .sort()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, imports: importsOf(path, text) };
    });
}

/** The import lines of one file. */
export function importsOf(path: string, text: string): Import[] {
  const one = (from: string, typesOnly: boolean, dynamic: boolean): Import => ({
    from: resolve(path, from),
    typesOnly,
    dynamic,
  });
  return [
    ...[...text.matchAll(STATIC)].map(([, type, names = '', from = '']) =>
      one(from, type !== undefined || onlyTypes(names), false),
    ),
    ...[...text.matchAll(BARE)].map(([, from = '']) => one(from, false, false)),
    ...[...text.matchAll(DYNAMIC)].map(([, from = '']) => one(from, false, true)),
  ];
}

/** `{ type A, type B }` */
function onlyTypes(names: string): boolean {
  const inBraces = /^\{([^}]*)\}$/.exec(names.trim())?.[1];
  if (inBraces === undefined) return false;
  const each = inBraces.split(',').map((name) => name.trim());
  return each.every((name) => name === '' || name.startsWith('type '));
}

function resolve(path: string, from: string): string {
  if (from.startsWith('.')) return join(path, '..', from);
  const [scopeOrName = '', name] = from.split('/');
  if (from.startsWith('node:')) return from;
  return scopeOrName.startsWith('@') ? `${scopeOrName}/${name}` : scopeOrName;
}
