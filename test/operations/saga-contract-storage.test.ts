/** The saga contract of backups, drills, images and pools. */
import { BACKUPS } from './scenarios/backups.ts';
import { STORAGE } from './scenarios/storage.ts';
import { sagaContract } from './scenarios/suite.ts';

sagaContract({ ...BACKUPS, ...STORAGE });
