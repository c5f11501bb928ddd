/** Each verb of the driver, in success and in failure, on whatever stands behind a Fleet: the simulator must answer as real hosts do. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { backupContract } from './backup-contract.ts';
import { changeContract } from './change-contract.ts';
import { copyContract } from './copy-contract.ts';
import { diskContract } from './disk-contract.ts';
import { domainContract } from './domain-contract.ts';
import { downloadContract } from './download-contract.ts';
import { fileContract, imageContract } from './file-contract.ts';
import { guestContract } from './guest-contract.ts';
import { networkContract } from './network-contract.ts';
import { observeContract } from './observe-contract.ts';
import { poolContract } from './pool-contract.ts';
import { snapshotContract } from './snapshot-contract.ts';
import { troubleContract } from './trouble-contract.ts';
import { volumeContract } from './volume-contract.ts';
import { at, type Bench, type ContractWorld } from './world.ts';

/** `makeWorld` brings up a host to be tried, or reaches one that is up. What the tests make there is removed by them. */
export function hostContract(label: string, makeWorld: () => Promise<ContractWorld>): void {
  describe(`host contract: ${label}`, () => {
    let world: ContractWorld;
    beforeAll(async () => {
      world = await makeWorld();
    });
    afterAll(async () => {
      await world?.close();
    });
    const prefix = `drv-${randomBytes(4).toString('hex')}`;
    const bench: Bench = at(() => world, prefix);
    volumeContract(bench);
    poolContract(bench);
    fileContract(bench);
    imageContract(bench);
    downloadContract(bench);
    backupContract(bench);
    changeContract(bench);
    copyContract(bench);
    domainContract(bench);
    diskContract(bench);
    snapshotContract(bench);
    networkContract(bench);
    guestContract(bench);
    observeContract(bench);
    troubleContract(bench);
  });
}
