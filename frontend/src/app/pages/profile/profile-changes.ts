import type { ProfileValues } from '../../../api/profile';
import { toCentimetres, toFeet } from './heights';

/** What may be empty; nothing is then said of it. */
const EMPTY_IS_NULL = ['city', 'birthdate', 'height', 'max_heart_rate'];
const NUMBERS = ['height', 'max_heart_rate', 'feet', 'inches'];

/** Every field of a form as it is typed, by its name. A height in feet and inches is two. */
export type Typed = Record<string, string>;

/** The profile as forms show it. */
export function typedOf(profile: ProfileValues): Typed {
  const { feet, inches } = profile.height === null ? { feet: '', inches: '' } : toFeet(profile.height);
  const values = Object.entries({ ...profile, feet, inches }).map(([name, value]) => [name, String(value ?? '')]);
  return Object.fromEntries(values) as Typed;
}

/** What of it was changed, as the server takes it. What is no number goes as it is, and is refused at its field. */
export function changesOf(before: Typed, after: Typed): Record<string, unknown> {
  const names = Object.keys(after).filter((name) => after[name] !== before[name]);
  const changes: Record<string, unknown> = {};
  for (const name of names) {
    if (name === 'feet' || name === 'inches') changes['height'] = heightOf(after);
    else changes[name] = valueOf(name, after[name] ?? '');
  }
  return changes;
}

function valueOf(name: string, text: string): string | number | null {
  if (!text && EMPTY_IS_NULL.includes(name)) return null;
  return NUMBERS.includes(name) && /^\d+$/.test(text) ? Number(text) : text;
}

function heightOf({ feet = '', inches = '' }: Typed): string | number | null {
  if (!feet && !inches) return null;
  const [wholeFeet, wholeInches] = [valueOf('feet', feet || '0'), valueOf('inches', inches || '0')];
  const isRead = typeof wholeFeet === 'number' && typeof wholeInches === 'number';
  return isRead ? toCentimetres({ feet: wholeFeet, inches: wholeInches }) : `${feet} ${inches}`;
}
