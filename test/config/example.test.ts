import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ConfigFile } from '../../src/config/schema.ts';
import { loadConfig } from '../../src/config.ts';

const path = new URL('../../hostler.example.yaml', import.meta.url).pathname;

describe('hostler.example.yaml', () => {
  it('is a sound configuration', () => {
    expect(loadConfig(path, { HOME: '/home/bot' }).settings.teams[0]?.name).toBe('web');
  });

  it('has every key that the schema knows', () => {
    const used = keysIn(parse(readFileSync(path, 'utf8')));
    const known = keysOf(ConfigFile);
    expect(known.length).toBeGreaterThan(60);
    expect(known.filter((key) => !used.has(key) && !used.has(key.replace(/^hosts\[\]/, 'host_defaults')))).toEqual([
      // One of several forms; each is explained in the comment.
      'images[].source.sha256',
      'images[].source.sha512',
      'images[].source.signature',
      'images[].source.key',
      'teams[].members_from.user_group',
      'backups.target.host',
      'backups.target.user',
      'backups.target.directory',
      'backups.target.port',
      // With these the file would need a key that is nobody’s.
      'backups.encrypt_to',
      'backups.identity',
    ]);
  });
});

/** `hosts[].name` and so on. */
function keysOf(schema: z.core.$ZodType, at = ''): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return keysOf(schema.def.innerType, at);
  if (schema instanceof z.ZodArray) return keysOf(schema.element, `${at}[]`);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((each) => keysOf(each, at));
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape).flatMap(([key, inner]) => {
    const path = at === '' ? key : `${at}.${key}`;
    return [path, ...keysOf(inner, path)];
  });
}

function keysIn(value: unknown, at = ''): Set<string> {
  if (Array.isArray(value)) return new Set(value.flatMap((each) => [...keysIn(each, `${at}[]`)]));
  if (typeof value !== 'object' || value === null) return new Set();
  return new Set(
    Object.entries(value).flatMap(([key, inner]) => {
      const path = at === '' ? key : `${at}.${key}`;
      return [path, ...keysIn(inner, path)];
    }),
  );
}
