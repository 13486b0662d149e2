/** Kiritimati is this far ahead of UTC: every date begins there. */
const FURTHEST_AHEAD = 14 * 60 * 60 * 1000;

/** The last day the server takes for a birthdate: one that has begun somewhere, so that it is never before today here. */
export function lastBirthdate(now: Date): string {
  return new Date(now.getTime() + FURTHEST_AHEAD).toISOString().slice(0, 10);
}
