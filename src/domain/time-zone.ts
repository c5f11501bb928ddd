/** To make one takes longer than all that it is asked for. */
const made = new Map<string, Intl.DateTimeFormat>();

function formatOf(locale: string, options: Intl.DateTimeFormatOptions & { readonly timeZone: string }) {
  const key = `${locale} ${options.timeZone}`;
  const format = made.get(key) ?? new Intl.DateTimeFormat(locale, options);
  made.set(key, format);
  return format;
}

/** The hour of the day, 0 to 23, in an IANA zone at an instant (epoch ms). */
export function hourIn(at: number, zone: string): number {
  return Number(formatOf('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone: zone }).format(at));
}

/** `2026-11-24 09:05`, in an IANA zone. */
export function timeIn(at: number, zone: string): string {
  return formatOf('sv-SE', { dateStyle: 'short', timeStyle: 'short', timeZone: zone }).format(at);
}
