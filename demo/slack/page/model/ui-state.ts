import { effect, signal } from '@preact/signals';

/** The list of channels is open on a small screen. */
export const drawer = signal(false);
/** The inspector is open. */
export const inspector = signal(false);
/** The dialog with the keys is open. */
export const help = signal(false);
/** `auto` follows the system. */
export const theme = signal<'auto' | 'light' | 'dark'>(readTheme());

const THEME_KEY = 'theme';

function readTheme(): 'auto' | 'light' | 'dark' {
  const kept = localStorage.getItem('theme');
  return kept === 'light' || kept === 'dark' ? kept : 'auto';
}

/** Keeps the document in the theme that was chosen. */
export function followTheme(): void {
  effect(() => {
    const now = theme.value;
    if (now === 'auto') {
      delete document.documentElement.dataset.theme;
      localStorage.removeItem(THEME_KEY);
    } else {
      document.documentElement.dataset.theme = now;
      localStorage.setItem(THEME_KEY, now);
    }
  });
}

/** Light where it is dark now, and the other way round. */
export function turnTheme(): void {
  const dark = theme.value === 'auto' ? matchMedia('(prefers-color-scheme: dark)').matches : theme.value === 'dark';
  theme.value = dark ? 'light' : 'dark';
}
