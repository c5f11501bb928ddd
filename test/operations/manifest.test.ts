import { describe, expect, it } from 'vitest';
import { commandsDoc } from '../../src/operations/docs.ts';
import { manifestFor } from '../../src/operations/manifest.ts';
import { sample, sampleCatalog } from './sample-catalog.ts';

describe('manifestFor', () => {
  it('has a slash command for each family, with its verbs as the hint', () => {
    expect(manifestFor(sampleCatalog, { prefix: '' })).toMatchObject({
      features: {
        slash_commands: [
          { command: '/vm', usage_hint: 'create | restart | disk extend | list | show | help' },
          { command: '/host', usage_hint: 'list | help' },
          { command: '/hostler', usage_hint: 'help' },
        ],
      },
    });
  });

  it('keeps within Slack’s limits, or says what to change', () => {
    const many = Array.from({ length: 300 }, (_, i) => ({ ...sample('vm.show'), name: `vm.show${i}` }));
    const manifest = JSON.stringify(manifestFor(many, { prefix: '' }));
    expect(/"usage_hint":"([^"]*)"/.exec(manifest)?.[1]?.length).toBe(1000);
    expect(() => manifestFor(sampleCatalog, { prefix: 'a'.repeat(25) })).toThrow(/characters/);
    const families = Array.from({ length: 51 }, (_, i) => ({ ...sample('vm.show'), name: `f${i}.show` }));
    expect(() => manifestFor(families, { prefix: '' })).toThrow(/50 slash commands/);
    expect(() => manifestFor(sampleCatalog, { prefix: '/x' })).toThrow(/can’t stand before/);
  });
});

describe('commandsDoc', () => {
  it('explains each command once', () => {
    const doc = commandsDoc(sampleCatalog);
    for (const operation of sampleCatalog) {
      expect(doc.split(`### /${operation.name.replaceAll('.', ' ')}\n`)).toHaveLength(2);
    }
    expect(doc).toContain('| `--mode` | How; one of graceful, force; graceful when left out |');
  });
});
