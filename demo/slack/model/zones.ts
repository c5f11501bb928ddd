// making a formatter costs much, and users.list asks for one a person
const formatters = new Map<string, Intl.DateTimeFormat>();

const part = (tz: string, at: number, style: 'long' | 'longOffset'): string => {
  const key = `${style} ${tz}`;
  const made = formatters.get(key) ?? new Intl.DateTimeFormat('en-US', { timeZone: tz, timeZoneName: style });
  formatters.set(key, made);
  return made.formatToParts(at).find((one) => one.type === 'timeZoneName')?.value ?? tz;
};

/** The name of a time zone as Slack writes it in `tz_label`: "Central European Standard Time". */
export const zoneLabel = (tz: string, at: number): string => part(tz, at, 'long');

/** Seconds east of UTC at a moment (epoch milliseconds). */
export const zoneOffset = (tz: string, at: number): number => {
  const [, sign, hours, minutes] = /^GMT([+-])(\d\d):(\d\d)$/.exec(part(tz, at, 'longOffset')) ?? [];
  const seconds = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60;
  return sign === '-' ? -seconds : seconds;
};
