/** What the documents name is there: files, links, headings, npm scripts, commands, configuration, runbooks. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readConfig } from '../src/config.ts';
import { ERROR_CODES } from '../src/domain/error.ts';
import { catalog } from '../src/operations/catalog.ts';
import { parseCommand } from '../src/operations/command-text.ts';
import { sourceFiles } from './kit/source-files.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const below = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file));

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'lab/README.md',
  'demo/fleet/README.md',
  'demo/slack/README.md',
  ...below('docs'),
];
const text = new Map(pages.map((page) => [page, read(page)]));
/** Something wrong in a page, for the message. */
const faults = (find: (page: string, words: string) => readonly string[]): string[] =>
  [...text].flatMap(([page, words]) => find(page, words).map((fault) => `${page}: ${fault}`));
const all = (words: string, pattern: RegExp): string[] => [...words.matchAll(pattern)].map(([, found = '']) => found);

/** As GitHub makes the anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

describe('documents', () => {
  it('link to what is there', () => {
    const broken = faults((page, words) =>
      all(words, /\]\(([^)\s]+)\)/g).filter((link) => {
        if (/^https:\/\//.test(link)) return false;
        const [path = '', anchor] = link.split('#');
        const file = path === '' ? page : join(dirname(page), path);
        if (!existsSync(join(root, file))) return true;
        return anchor !== undefined && !all(read(file), /^#+ (.+)$/gm).some((heading) => anchorOf(heading) === anchor);
      }),
    );
    expect(broken).toEqual([]);
  });

  it('name files and folders that are there', () => {
    const named = /`((?:src|demo|lab|bench|test|scripts|docs|deploy|bin)\/[\w./-]+)`/g;
    // A new operation's place, in capitals, and what a build makes.
    const isPattern = (path: string) => /[A-Z]{4}/.test(path.replace('README', ''));
    expect(
      faults((_, words) => all(words, named).filter((path) => !isPattern(path) && !existsSync(join(root, path)))),
    ).toEqual([]);
    expect(text.get('docs/architecture.md')?.match(named)?.length).toBeGreaterThan(40);
  });

  it('name npm scripts that are there', () => {
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')));
    const missing = faults((_, words) =>
      all(words, /npm run (?:-s )?([\w:-]+)/g).filter((name) => scripts[name] === undefined),
    );
    expect(missing).toEqual([]);
  });

  it('show commands that Hostler knows', () => {
    // Slack's own command, paths of health pages, a directory in a guest.
    const others = ['invite', 'healthz', 'readyz', 'metrics', 'data'];
    const families = new Set(catalog.map(({ name }) => name.split('.')[0] ?? ''));
    const isUnknown = (typed: string): boolean => {
      const [family = '', ...words] = typed.split(' ');
      if (others.includes(family)) return false;
      if (!families.has(family)) return true;
      try {
        parseCommand(family, words.join(' '), catalog);
        return false;
      } catch {
        return true;
      }
    };
    const handWritten = (page: string) => page !== 'docs/commands.md' && !page.startsWith('demo/');
    const wrong = faults((page, words) => {
      if (!handWritten(page)) return [];
      const slash = all(words, /`\/([a-z]+(?: [^`\n]+)?)`/g)
        // Several verbs of a family in one go, as the changelog lists them.
        .filter((typed) => !page.startsWith('CHANGELOG') || typed.split(' ').length <= 2);
      const run = all(words, /hostler run [^\n`]*?-- ([^\n`#]+)/g).map((typed) => typed.trim());
      return [...slash, ...run].map((typed) => typed.replaceAll('…', '01J')).filter(isUnknown);
    });
    expect(wrong).toEqual([]);
  });

  it('hold configurations that can be read', () => {
    const found = faults((_, words) =>
      all(words, /```yaml\n([\s\S]*?)```/g).flatMap((yaml) => {
        const result = readConfig(yaml, '/etc/hostler', { HOME: '/var/lib/hostler-bot' });
        return result.ok ? [] : result.faults.map(({ path, message }) => `${path}: ${message}`);
      }),
    );
    expect(found).toEqual([]);
    expect(text.get('docs/install.md')).toContain('```yaml');
  });
});

describe('runbooks', () => {
  const index = text.get('docs/runbooks/README.md') ?? '';

  it('tell about every code', () => {
    expect(ERROR_CODES.filter((code) => !index.includes(`\n| \`${code}\` |`))).toEqual([]);
    const told = all(index, /^\| `(\w+)` \|/gm);
    expect(told.filter((code) => !ERROR_CODES.some((each) => each === code))).toEqual([]);
  });

  it('are all in the index, and all have their five parts', () => {
    const own = below('docs/runbooks').filter((page) => !page.endsWith('README.md'));
    expect(own.filter((page) => !index.includes(`(${page.replace('docs/runbooks/', '')})`))).toEqual([]);
    const parts = ['Symptom.', 'What Hostler did.', 'Look.', 'Mend.', 'Prove.'];
    const lacking = own.flatMap((page) =>
      parts.filter((part) => !text.get(page)?.includes(`**${part}**`)).map((part) => `${page}: ${part}`),
    );
    expect(lacking).toEqual([]);
  });

  it('that the product names are there', () => {
    const named = ['src', 'demo', 'lab']
      .flatMap(sourceFiles)
      .flatMap((file) => all(file.text, /(docs\/[\w./-]+\.md)/g));
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe('the service', () => {
  it('starts a program that is there and can be run', () => {
    const program = /^ExecStart=\/opt\/hostler\/(\S+) start$/m.exec(read('deploy/hostler.service'))?.[1] ?? '';
    expect(statSync(join(root, program)).mode & 0o111).not.toBe(0);
  });
});
