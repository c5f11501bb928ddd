import { afterEach, expect, test } from 'vitest';
import { makeDriver } from '../../src/infra/driver.ts';
import { lookAtHost } from '../../src/operations/observe.ts';
import { foreignDomain } from '../kit/foreign-domain.ts';
import { elementOf, endAll, office, textOf } from './kit.ts';

afterEach(endAll);

test('a finding of drift is adopted by its button: the form knows the domain, one says the team', async () => {
  const { server, world } = await office();
  const [host] = world.hosts;
  if (host === undefined) throw new Error('a world has a host');
  foreignDomain(host, { name: 'legacy' });
  await lookAtHost({ ...world, driver: makeDriver() }, 'kvm-1');
  const admin = server.as('admin');
  await admin.slash('ops', '/hostler drift');
  const list = await server.waitFor(() => server.ephemerals('admin').at(-1), { what: 'the list' });
  expect(textOf(list.blocks)).toContain('legacy');
  await admin.click(list, 'Adopt legacy');
  const view = await server.waitFor(() => server.views('admin').find((one) => one.callbackId === 'form:vm.adopt'), {
    what: 'the form',
  });
  expect(elementOf(view, 'domain')).toMatchObject({ initial_value: 'legacy' });
  expect(elementOf(view, 'host')).toMatchObject({ initial_option: { value: 'kvm-1' } });
  expect(elementOf(view, 'team')).toMatchObject({ options: [{ value: 'team-01' }, { value: 'team-02' }] });
  const sent = await admin.submit(view, { 'field.team': 'team-02', 'field.name': 'web-01' });
  expect([sent.errors, sent.problem]).toEqual([{}, undefined]);
  const card = await server.waitFor(() => server.messages('ops').find((one) => one.text.includes('Adopt legacy')), {
    what: 'its card',
  });
  await admin.click(card, 'Adopt');
  await server.waitFor(() => world.rows.vms.byName('team-02', 'web-01')?.life === 'live', { what: 'the VM' });
});
