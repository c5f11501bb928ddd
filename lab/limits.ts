// How long things may take on a lab host: everything there is emulated.
import type { TimeLimits } from '../src/domain/command.ts';
import { sudoersFor } from '../src/infra/sudoers.ts';

/** Seconds for each class of command; `lab config` prints them, and the hosts' sudoers allow just these. */
export const LAB_LIMITS: TimeLimits = { quick: 60, normal: 240, slow: 600, long: 7200 };

/** The text of a lab host's /etc/sudoers.d/hostler: what `hostler host sudoers` prints for the config that `lab config` prints. */
export const labSudoers = (): string => sudoersFor('hostler', LAB_LIMITS, 'cloudvg');
