/** `2026-11-26T18:05` in the zone, for a moment in seconds. */
export function toLocal(seconds: number, tz: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: tz,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(seconds * 1000);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '00';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

/** The moment, in seconds, at which a clock of the zone shows `2026-11-26T18:05`. */
export function fromLocal(local: string, tz: string): number {
  const wanted = Date.parse(`${local}:00Z`) / 1000;
  // The offset at the guess may differ from that at the answer where the clocks change in between: so twice.
  let guess = wanted;
  for (let round = 0; round < 2; round += 1) {
    const shown = Date.parse(`${toLocal(guess, tz)}:00Z`) / 1000;
    guess += wanted - shown;
  }
  return guess;
}
