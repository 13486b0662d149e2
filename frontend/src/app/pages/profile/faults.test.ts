import { expect, test } from 'vitest';
import { ProblemError } from '../../../api/client';
import { translator } from '../../../i18n/translator';
import english from '../../../locales/accounts/us.json';
import { faults } from './faults';

const a = translator(english, 'en-US');

function refusal(field: string, code: string, problem = 'invalid_request'): ProblemError {
  const errors = [{ pointer: `/${field}`, code, detail: 'Server words.' }];
  return new ProblemError({ type: 'about:blank', title: '', status: 422, code: problem, errors });
}

test.each([
  ['name', 'string_too_short', english.profile_fault_name],
  ['username', 'string_pattern_mismatch', english.profile_fault_username],
  ['city', 'string_too_long', english.profile_fault_city],
  ['birthdate', 'date_from_datetime_parsing', english.profile_fault_birthdate],
  ['max_heart_rate', 'less_than_equal', 'Enter a whole number from 30 to 250.'],
])('what is wrong with %s is said with what to do instead', (field, code, said) => {
  expect(faults(refusal(field, code), a, 'metric')).toEqual({ [field]: said });
});

test('a height is asked for in the units it was typed in', () => {
  expect(faults(refusal('height', 'int_parsing'), a, 'metric')['height']).toBe('Enter a whole number from 1 cm to 300 cm.');
  expect(faults(refusal('height', 'int_parsing'), a, 'imperial')['height']).toBe('Enter a whole number from 1 in to 9 ft, 10 in.');
});

test('a name that somebody has is another matter than one that cannot be', () => {
  expect(faults(refusal('username', 'username_taken', 'username_taken'), a, 'metric')['username']).toBe(english.fault_username_taken);
});

test('what is wrong with no field is nobody’s fault', () => {
  expect(faults(new ProblemError({ type: '', title: '', status: 503, code: 'busy' }), a, 'metric')).toEqual({});
});
