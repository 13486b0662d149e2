/** A day and a time as one says them: "24 November 2026 at 11:20". */
export function longTime(iso: string, tag: string): string {
  return new Intl.DateTimeFormat(tag, { dateStyle: 'long', timeStyle: 'short' }).format(new Date(iso));
}
