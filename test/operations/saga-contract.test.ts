/** The saga contract over the whole catalog; backups and drills have a file of their own, so that both run at once. */
import { expect, it } from 'vitest';
import { catalog } from '../../src/operations/catalog.ts';
import { BACKUPS } from './scenarios/backups.ts';
import { OTHERS } from './scenarios/others.ts';
import { STORAGE } from './scenarios/storage.ts';
import { sagaContract } from './scenarios/suite.ts';
import { VMS } from './scenarios/vms.ts';

it('has a scenario for every change of the catalog', () => {
  const changes = catalog.filter(({ kind }) => kind === 'change').map(({ name }) => name);
  const all = [VMS, BACKUPS, STORAGE, OTHERS].flatMap((each) => Object.keys(each));
  expect(all.sort()).toEqual([...changes].sort());
});

sagaContract({ ...VMS, ...OTHERS });
