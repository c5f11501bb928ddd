import { signal } from '@preact/signals';

/** The key of the message that is being edited. */
export const editing = signal<string | undefined>(undefined);
