import type { Me } from '../api/types';
import { returnPath } from './return-path';

/** What somebody who signed in may have to do before anything else, by the page for it. */
const PAGES = {
  '/choose-password': (me: Me) => me.password_must_change,
  '/second-step': (me: Me) => me.mfa_setup_required,
} as const;
const PATHS = Object.keys(PAGES) as (keyof typeof PAGES)[];

/**
 * Where somebody goes instead of this path: to the page of the first duty they have, which keeps in mind where they
 * wanted to go; and from the page of a duty that is done on to there. Null where they may stay.
 */
export function detour(me: Me, path: string, search: string): string | null {
  const duty = PATHS.find((page) => PAGES[page](me));
  if (duty === path) return null;
  const isDone = PATHS.some((page) => page === path);
  const next = isDone ? returnPath(new URLSearchParams(search).get('next')) : path + search;
  if (duty) return `${duty}?next=${encodeURIComponent(next)}`;
  return isDone ? next : null;
}
