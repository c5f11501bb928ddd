/** Reads what real hosts answered: test/fixtures/recorded/NAME.{cmd,out,err,rc}. */
import { readFileSync } from 'node:fs';

export interface Recording {
  readonly cmd: string;
  readonly out: string;
  readonly err: string;
  readonly rc: number;
}

export function recorded(name: string): Recording {
  const read = (ending: string) =>
    readFileSync(new URL(`../../fixtures/recorded/${name}.${ending}`, import.meta.url), 'utf8');
  return { cmd: read('cmd').trim(), out: read('out'), err: read('err'), rc: Number(read('rc')) };
}
