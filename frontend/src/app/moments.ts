const UNITS: readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
const A_WEEK = 7 * 86_400;

/** "3 minutes ago" or "in 2 hours", within a week of now; the date and time beyond that. */
export function nearTime(iso: string, tag: string, now: Date): string {
  const then = new Date(iso);
  const seconds = (then.getTime() - now.getTime()) / 1_000;
  if (Math.abs(seconds) >= A_WEEK) return exactTime(iso, tag);
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' });
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(Math.trunc(seconds), 'second');
}

export function exactTime(iso: string, tag: string): string {
  return new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(iso));
}
