/** The hour of the day, 0 to 23, in an IANA zone at an instant (epoch ms). */
export function hourIn(at: number, zone: string): number {
  return Number(new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone: zone }).format(at));
}

/** `2026-11-24 09:05`, in an IANA zone. */
export function timeIn(at: number, zone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short', timeZone: zone }).format(at);
}
