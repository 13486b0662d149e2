const STEPS: readonly [limit: number, seconds: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [45 * 60, 60, 'minute'],
  [22 * 3_600, 3_600, 'hour'],
  [6.5 * 86_400, 86_400, 'day'],
];

/** "3 minutes ago" for the last days, the date before that. A clock that runs behind reads as now. */
export function relativeTime(iso: string, tag: string, now: Date): string {
  const then = new Date(iso);
  const seconds = Math.max(0, (now.getTime() - then.getTime()) / 1_000);
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto', style: 'short' });
  if (seconds < 45) return relative.format(0, 'second');
  for (const [limit, size, unit] of STEPS) {
    if (seconds < limit) return relative.format(-Math.max(1, Math.round(seconds / size)), unit);
  }
  const isThisYear = then.getFullYear() === now.getFullYear();
  const date: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' };
  return new Intl.DateTimeFormat(tag, isThisYear ? date : { ...date, year: 'numeric' }).format(then);
}

export function absoluteTime(iso: string, tag: string): string {
  return new Intl.DateTimeFormat(tag, { dateStyle: 'full', timeStyle: 'short' }).format(new Date(iso));
}

/** Weekday and time, for a moment within the next days. */
export function momentTime(iso: string, tag: string): string {
  const moment: Intl.DateTimeFormatOptions = { weekday: 'long', hour: 'numeric', minute: '2-digit' };
  return new Intl.DateTimeFormat(tag, moment).format(new Date(iso));
}
