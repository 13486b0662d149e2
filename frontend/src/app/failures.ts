import { ProblemError, UnreachableError } from '../api/client';
import type { AppTranslator } from './speech';

/** What to tell the person: the server's own words where it gave some. */
export function explain(error: unknown, t: AppTranslator): string {
  if (error instanceof UnreachableError) return t('unreachable');
  return (error instanceof ProblemError && error.problem.detail) || t('unexpected');
}
