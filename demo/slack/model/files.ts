import type { Bus } from '../bus.ts';
import type { StoredFile } from './types.ts';
import type { Workspace } from './workspace.ts';

/** Uploaded files, in memory. */
export interface Files {
  /** Announces a file; its bytes come next. */
  announce(file: Pick<StoredFile, 'name' | 'length' | 'altText' | 'user'>, now: number): StoredFile;
  store(file: StoredFile, bytes: Buffer): void;
  find(id: string): StoredFile | undefined;
  all(): StoredFile[];
}

/** Makes a store of files, empty or with those that were there before. */
export const createFiles = (workspace: Workspace, bus: Bus, former: readonly StoredFile[] = []): Files => {
  const files = new Map(former.map((file) => [file.id, file]));
  return {
    announce: (file, now) => {
      const stored: StoredFile = {
        ...file,
        id: workspace.ids.next('F'),
        title: file.name,
        created: now,
        channels: [],
        completed: false,
      };
      files.set(stored.id, stored);
      return stored;
    },
    store: (file, bytes) => {
      file.bytes = bytes;
      bus.changed();
    },
    find: (id) => files.get(id),
    all: () => [...files.values()],
  };
};
