const PATHS = {
  hash: 'M6 2 5 14M11 2l-1 12M2.5 5.5h11M2.5 10.5h11',
  lock: 'M4 7V5a4 4 0 0 1 8 0v2M3 7h10v7H3z',
  menu: 'M2 4h12M2 8h12M2 12h12',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  back: 'M10 3 5 8l5 5',
  more: 'M8 3.2v.1M8 8v.1M8 12.8v.1',
  reply: 'M2 3h12v8H7l-3 3v-3H2z',
  smile: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM5.5 9.5c1 2 4 2 5 0M6 6v.1M10 6v.1',
  send: 'M2 13.5 14 8 2 2.5 3.5 8zM3.5 8H9',
  link: 'M7 9a2.5 2.5 0 0 0 3.6 0l2-2A2.5 2.5 0 0 0 9 3.400l-1 1M9 7a2.500 2.500 0 0 0-3.600 0l-2 2A2.500 2.500 0 0 0 7 12.600l1-1',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.500M8 13.500V15M1 8h1.500M13.500 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  moon: 'M13 9.500A5.500 5.500 0 0 1 6.500 3 5.500 5.500 0 1 0 13 9.500z',
  pulse: 'M1 8h3l2-5 3 10 2-5h4',
  help: 'M5.800 6a2.300 2.300 0 1 1 3.200 2.200c-.700.300-1 .700-1 1.500M8 12.500v.1',
  home: 'M2.500 7.500 8 2.500l5.500 5M4 7v6.500h8V7M7 13.500v-4h2v4',
  file: 'M4 1.500h5l3 3v10H4zM9 1.500v3h3',
  down: 'M4 6l4 4 4-4',
  bolt: 'M9 1.500 3.500 9H8l-1 5.500L12.500 7H8z',
  plus: 'M8 3v10M3 8h10',
  clock: 'M8 1.800a6.200 6.200 0 1 0 0 12.400A6.200 6.200 0 0 0 8 1.800zM8 4.500V8l2.500 1.500',
  eye: 'M1.500 8C4 3.500 12 3.500 14.500 8 12 12.500 4 12.500 1.500 8zM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4z',
  people:
    'M6 7.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM1.500 13.500c0-5 9-5 9 0M10.500 7.500a2.300 2.300 0 0 0 0-4.600M12 9.300c1.700.600 2.500 2 2.500 4.200',
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing beside words; screen readers pass over it. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
