import { describe, expect, it } from 'vitest';
import { helpNotice } from '../../src/operations/help.ts';
import { sample, sampleCatalog } from './sample-catalog.ts';

describe('helpNotice', () => {
  it('lists every family with its commands', () => {
    const notice = helpNotice({ family: null, operation: null }, sampleCatalog);
    expect(notice.facts).toContainEqual({ name: '/vm', value: 'create · restart · disk extend · list · show' });
  });

  it('lists a family with usage and summary', () => {
    const notice = helpNotice({ family: 'vm', operation: null }, sampleCatalog);
    expect(notice.table?.rows).toContainEqual(['/vm disk extend VM TO', 'Grow a disk']);
  });

  it('explains a command: fields, common options, who may, risk, examples', () => {
    const notice = helpNotice({ family: 'vm', operation: sample('vm.restart') }, sampleCatalog);
    expect(notice.title).toBe('/vm restart: Restart a VM');
    expect(notice.facts).toEqual([
      { name: 'VM', value: 'VM; needed' },
      { name: '--mode graceful|force', value: 'How; one of graceful, force; graceful when left out' },
      { name: '--team TEAM', value: 'Team that this is about, where the channel doesn’t say it' },
      { name: '--reason TEXT', value: 'Why: kept in the audit history' },
      { name: '--dry-run', value: 'Shows the plan and does nothing' },
      { name: '--wait', value: 'Waits its turn where another operation holds the VM' },
      { name: 'Needs', value: 'a member of the team' },
      { name: 'Risk', value: 'disruptive: stops a service' },
    ]);
    expect(notice.code?.text).toBe('/vm restart VM [--mode graceful|force]\n\nExamples:\n/vm restart web-01');
  });

  it('shortens a family that is too long', () => {
    const many = Array.from({ length: 60 }, (_, i) => ({ ...sample('vm.show'), name: `vm.show${i}` }));
    const notice = helpNotice({ family: 'vm', operation: null }, many);
    expect(notice.table?.rows).toHaveLength(40);
    expect(notice.lines).toEqual(['… and 20 more, in docs/commands.md.']);
  });
});
