/** A host's state on disk, as JSON: written whole or not at all. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { HostModel } from './model/host-model.ts';

/** Writes the model to a file. What a guest was started with is mostly its definition, and is not written twice. */
export async function saveModel(model: HostModel, path: string): Promise<void> {
  const domains = model.domains.map((domain) =>
    domain.live?.xml === domain.xml ? { ...domain, live: { ...domain.live, ...AS_DEFINED } } : domain,
  );
  await writeFile(`${path}.part`, JSON.stringify({ ...model, domains }), { mode: 0o600 });
  await rename(`${path}.part`, path);
}

/** Null where there is no file. Throws RangeError for a state of another format: it was made by another version. */
export async function loadModel(path: string): Promise<HostModel | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw cause;
  }
  const parsed: unknown = JSON.parse(text);
  if (!isModel(parsed)) throw new RangeError(`${path} holds the state of another version of the simulator`);
  for (const domain of parsed.domains) {
    const { live, xml, facts } = domain;
    if (live !== null && live.xml === AS_DEFINED.xml) domain.live = { ...live, xml, facts };
  }
  return parsed;
}
const AS_DEFINED = { xml: '', facts: null } as const;

/** Only we write these files, so their format tells all. */
function isModel(value: unknown): value is HostModel {
  return typeof value === 'object' && value !== null && 'format' in value && value.format === 2;
}
