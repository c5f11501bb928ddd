import { hash } from 'node:crypto';
import type { Hash } from '../operations/ports.ts';

/** SHA-256 as hex. */
export const sha256: Hash = (text) => hash('sha256', text, 'hex');
