/** The contract on a real hypervisor of the lab. Runs with HOSTLER_LAB=1. */
import { describe, it } from 'vitest';
import { hostContract } from '../contract/host-contract.ts';
import { labWorld } from './lab-world.ts';

if (process.env.HOSTLER_LAB === '1') hostContract('lab', labWorld);
else describe('host contract: lab', () => it.skip('needs the lab: HOSTLER_LAB=1 after `npm run lab -- up`'));
