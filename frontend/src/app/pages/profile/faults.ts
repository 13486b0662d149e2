import { ProblemError } from '../../../api/client';
import type { AccountTranslator } from '../accounts/account-speech';
import { complaints } from '../accounts/sentences';
import { LEAST_HEIGHT, MOST_HEIGHT, toCentimetres, writeHeight } from './heights';

/** What the server takes, in beats a minute. */
const LEAST_HEART_RATE = 30;
const MOST_HEART_RATE = 250;
/** The shortest height that feet and inches can say. */
const AN_INCH = toCentimetres({ feet: 0, inches: 1 });
const EXPLAINED = ['name', 'username', 'city', 'birthdate'] as const;

/** What the server said about each field of a profile, in our words. */
export function faults(error: unknown, a: AccountTranslator, units: 'metric' | 'imperial'): Record<string, string> {
  const found = complaints(error, a, 0);
  const isTaken = error instanceof ProblemError && error.code === 'username_taken';
  for (const name of EXPLAINED) {
    if (found[name] && !(name === 'username' && isTaken)) found[name] = a(`profile_fault_${name}`);
  }
  if (found['height']) found['height'] = a('profile_fault_range', heightRange(a, units));
  if (found['max_heart_rate']) found['max_heart_rate'] = a('profile_fault_range', { least: LEAST_HEART_RATE, most: MOST_HEART_RATE });
  return found;
}

function heightRange(a: AccountTranslator, units: 'metric' | 'imperial'): { least: string; most: string } {
  const least = units === 'metric' ? LEAST_HEIGHT : AN_INCH;
  return { least: writeHeight(least, units, a.tag), most: writeHeight(MOST_HEIGHT, units, a.tag) };
}
