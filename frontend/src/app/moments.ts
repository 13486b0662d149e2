const UNITS: readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];
const A_WEEK = 7 * 86_400;

/**
 * "3 minutes ago" or "in 2 hours", within a week of now; the date and time beyond that.
 * What is nearer than the smallest unit is "now".
 */
export function nearTime(iso: string, tag: string, now: Date, smallest: 'minute' | 'second' = 'second'): string {
  const then = new Date(iso);
  const seconds = (then.getTime() - now.getTime()) / 1_000;
  if (Math.abs(seconds) >= A_WEEK) return dayTime(iso, tag);
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' });
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
    if (unit === smallest) break;
  }
  return relative.format(0, 'second');
}

/** "2 Mar 2026, 09:30", where the reader is. */
export function dayTime(iso: string, tag: string): string {
  return new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}

/** All of it, with the weekday, the seconds and the time zone, for who rests on a nearer word. */
export function exactTime(iso: string, tag: string): string {
  return new Intl.DateTimeFormat(tag, { dateStyle: 'full', timeStyle: 'long' }).format(new Date(iso));
}
