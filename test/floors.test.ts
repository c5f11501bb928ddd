/** Who may import whom (docs/architecture.md), read from the import lines. */
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Import, importsOf, type SourceFile, sourceFiles } from './kit/source-files.ts';

interface Rules {
  /** Other floors that it may use. Its own it always may. */
  readonly floors: readonly Floor[];
  /** Files of other floors of which it may name types, and nothing that runs. */
  readonly types?: readonly string[];
  readonly packages: readonly string[];
  /** Packages of which it may name types. */
  readonly packageTypes?: readonly string[];
  /** May it touch the machine (`node:…`)? */
  readonly node: boolean;
}
type Floor = 'domain' | 'operations' | 'handlers' | 'scheduler' | 'cli' | 'infra' | 'config';

/** The store's tables that have a file of their own. */
/** Parts of store and driver that have files of their own. */
const portFiles = sourceFiles('src/operations').flatMap(({ path }) => (/-(rows|verbs)\.ts$/.test(path) ? [path] : []));
const FLOORS: Readonly<Record<Floor, Rules>> = {
  domain: { floors: [], packages: ['zod', 'date-fns', 'canonicalize'], node: false },
  operations: { floors: ['domain'], packages: ['zod', 'canonicalize'], node: false },
  // main makes the App (with infra's receiver) and hands it in: what runs of Bolt runs in infra.
  handlers: {
    floors: ['domain', 'operations'],
    packages: ['zod'],
    packageTypes: ['@slack/bolt', '@slack/types'],
    node: false,
  },
  scheduler: { floors: ['domain', 'operations'], packages: ['node-cron', 'date-fns'], node: false },
  cli: { floors: ['domain', 'operations'], packages: ['commander', 'zod'], node: true },
  infra: {
    floors: ['domain'],
    types: ['src/operations/ports.ts', 'src/operations/driver.ts', 'src/operations/store.ts', ...portFiles],
    packages: [
      'ssh2',
      'better-sqlite3',
      '@slack/bolt',
      'ws',
      'fast-xml-parser',
      'pino',
      'ulid',
      'zod',
      'echarts',
      '@resvg/resvg-js',
    ],
    packageTypes: ['@slack/types'],
    node: true,
  },
  config: { floors: ['domain'], packages: ['@scure/base', 'zod', 'yaml'], node: true },
};
/** Pure ones, which decide or describe and touch nothing: any floor that lists them may have them. */
const PURE = ['zod', 'date-fns', 'canonicalize'];
/** Sees every floor. */
const isMain = (path: string): boolean => path === 'src/main.ts' || path.startsWith('src/main/');
const floorOf = (path: string): string | undefined => /^src\/([a-z-]+)(?:\.ts$|\/)/.exec(path)?.[1];
const rulesOf = (path: string): Rules | undefined =>
  Object.entries(FLOORS).find(([floor]) => floor === floorOf(path))?.[1];

const src = sourceFiles('src');
const others = ['demo', 'lab', 'bench', 'scripts', 'test'].flatMap(sourceFiles);
const all = [...src, ...others];
const each = (files: readonly SourceFile[], faults: (file: SourceFile) => readonly string[]): string[] =>
  files.flatMap((file) => faults(file).map((fault) => `${file.path}: ${fault}`));

/** Why a file may not have this import; undefined when it may. */
function objection(path: string, { from, typesOnly, dynamic }: Import): string | undefined {
  const rules = rulesOf(path);
  if (/^(demo|lab)\//.test(from)) {
    const mayLoad = dynamic && (isMain(path) || floorOf(path) === 'cli');
    return mayLoad ? undefined : `${from} (the product knows no demo and no lab; cli and main load them when asked)`;
  }
  if (from.startsWith('src/')) {
    if (isMain(path)) return undefined;
    const target = floorOf(from);
    if (target === floorOf(path) || rules?.floors.some((floor) => floor === target)) return undefined;
    // Main's and the configuration's own types describe what a floor is handed.
    if (typesOnly && rules?.types?.includes(from)) return undefined;
    return typesOnly ? `${from} (types of it, too)` : from;
  }
  if (/^(bench|scripts|test)\//.test(from)) return from;
  if (isMain(path)) return undefined;
  if (from.startsWith('node:')) return rules?.node ? undefined : from;
  if (rules?.packages.includes(from)) return undefined;
  return typesOnly && rules?.packageTypes?.includes(from) ? undefined : `the package ${from}`;
}

describe('floors', () => {
  it('every file of src stands on one', () => {
    expect(src.filter(({ path }) => !isMain(path) && rulesOf(path) === undefined).map(({ path }) => path)).toEqual([]);
  });

  it('import only what stands below them', () => {
    const faults = each(src, (file) =>
      file.imports.flatMap((one) => {
        const why = objection(file.path, one);
        return why === undefined ? [] : [`may not import ${why}`];
      }),
    );
    expect(faults).toEqual([]);
  });

  it('each package runs on one floor', () => {
    const floors = new Map<string, Set<string>>();
    for (const { path, imports } of src.filter((file) => !isMain(file.path))) {
      for (const { from, typesOnly } of imports) {
        if (typesOnly || PURE.includes(from) || /^(src\/|node:)/.test(from)) continue;
        floors.set(from, (floors.get(from) ?? new Set()).add(floorOf(path) ?? path));
      }
    }
    const spread = [...floors].filter(([, where]) => where.size > 1);
    expect(spread.map(([name, where]) => `${name}: ${[...where].join(', ')}`)).toEqual([]);
  });

  it('domain and operations know no clock and no chance: both come as ports', () => {
    const impure =
      /\bDate\.now\(|\bnew Date\(\s*\)|\bMath\.random\(|\bperformance\.now\(|\bsetTimeout\(|\bsetInterval\(/;
    const pure = src.filter(({ path }) => /^src\/(domain|operations)\//.test(path));
    expect(each(pure, ({ text }) => impure.exec(text) ?? [])).toEqual([]);
  });

  it('the environment is read by main, config and cli, and handed on', () => {
    // `agent: true` means the agent that ssh itself would ask, which is found by this variable alone.
    const mayToo = ['src/infra/ssh/dial.ts'];
    const below = src.filter(({ path }) => !isMain(path) && !['config', 'cli'].includes(floorOf(path) ?? ''));
    const reads = below.filter(({ path, text }) => /\bprocess\.env\b/.test(text) && !mayToo.includes(path));
    expect(reads.map(({ path }) => path)).toEqual([]);
  });

  it('demo, lab and benches use the product and one another’s tools, and know no tests but their kit', () => {
    const kit = /^test\/kit\//;
    const tools = others.filter(({ path }) => !path.startsWith('test/'));
    const faults = each(tools, ({ path, imports }) =>
      imports
        .filter(({ from }) => from.startsWith('test/') && !(path.startsWith('bench/') && kit.test(from)))
        .map(({ from }) => `may not import ${from}`),
    );
    expect(faults).toEqual([]);
  });
});

describe('the page of the chat server', () => {
  it('runs in a browser: it knows its own files, a small framework, and the types of what the server sends', () => {
    const page = 'demo/slack/page/';
    const packages = ['preact', '@preact/signals', 'marked'];
    const faults = each(
      others.filter(({ path }) => path.startsWith(page)),
      ({ imports }) =>
        imports
          .filter(({ from }) => !from.startsWith(page) && !packages.includes(from))
          .filter(({ from, typesOnly }) => !(typesOnly && from === 'demo/slack/ui/protocol.ts'))
          .map(({ from }) => `may not import ${from}`),
    );
    expect(faults).toEqual([]);
  });

  it('is imported by nothing but its tests', () => {
    const faults = each(all, ({ path, imports }) =>
      imports
        .filter(({ from }) => from.startsWith('demo/slack/page/') && !/^(demo|test\/demo)\/slack\/page\//.test(path))
        .map(({ from }) => `may not import ${from}`),
    );
    expect(faults).toEqual([]);
  });
});

describe('files', () => {
  it('have kebab-case names', () => {
    const odd = all.filter(
      ({ path }) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.lab)?(\.test|\.config)?\.(tsx?|mjs)$/.test(basename(path)),
    );
    expect(odd.map(({ path }) => path)).toEqual([]);
  });

  it('hold one subject each: 300 lines at the most, and a second thought over 200', () => {
    const sizes = all.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
    const long = sizes.filter(({ lines }) => lines > 200).sort((a, b) => b.lines - a.lines);
    if (long.length > 0) console.log(`over 200 lines: ${long.map(({ path, lines }) => `${path} ${lines}`).join(', ')}`);
    // A test's table or kit may be longer than code is.
    const most = (path: string) => (path.startsWith('test/') ? 450 : 300);
    expect(long.filter(({ path, lines }) => lines > most(path))).toEqual([]);
  });

  it('export by name, and have no enums', () => {
    // Vitest takes its configuration and its reporters by default export only.
    const mustHave = ['scripts/tally-reporter.mjs'];
    const faults = all.filter(
      ({ path, text }) =>
        /^export default |^(export )?(declare )?(const )?enum /m.test(text) && !mustHave.includes(path),
    );
    expect(faults.map(({ path }) => path)).toEqual([]);
  });
});

describe('reading import lines', () => {
  const from = (text: string): Import[] => importsOf('src/domain/vm.ts', text);

  it.each([
    ["import { z } from 'zod';", { from: 'zod', typesOnly: false, dynamic: false }],
    ["import type { App } from '@slack/bolt/x';", { from: '@slack/bolt', typesOnly: true, dynamic: false }],
    [
      "import {\n  type A,\n  type B,\n} from '../operations/a.ts';",
      { from: 'src/operations/a.ts', typesOnly: true, dynamic: false },
    ],
    ["import { type A, b } from './b.ts';", { from: 'src/domain/b.ts', typesOnly: false, dynamic: false }],
    ["export * from 'node:fs/promises';", { from: 'node:fs/promises', typesOnly: false, dynamic: false }],
    ["export { a, type B } from './c.ts';", { from: 'src/domain/c.ts', typesOnly: false, dynamic: false }],
    ["import * as all from 'yaml';", { from: 'yaml', typesOnly: false, dynamic: false }],
    [
      "import Database, { type X } from 'better-sqlite3';",
      { from: 'better-sqlite3', typesOnly: false, dynamic: false },
    ],
    ["import 'side-effect';", { from: 'side-effect', typesOnly: false, dynamic: false }],
    ["const a = await import('../../demo/main.ts');", { from: 'demo/main.ts', typesOnly: false, dynamic: true }],
  ])('%s', (text, expected) => {
    expect(from(text)).toEqual([expected]);
  });

  it('takes no other line for one', () => {
    expect(from("export const from = 1;\nconst a = 'x';\nexport function f(): string { return 'from'; }")).toEqual([]);
  });
});
