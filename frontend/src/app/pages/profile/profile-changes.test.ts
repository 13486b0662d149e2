import { expect, test } from 'vitest';
import type { ProfileValues } from '../../../api/profile';
import { changesOf, typedOf } from './profile-changes';

const ADA: ProfileValues = {
  name: 'Ada',
  username: 'ada',
  preferred_language: 'us',
  city: 'London',
  birthdate: null,
  gender: 'unspecified',
  units: 'metric',
  height: 170,
  max_heart_rate: null,
  first_day_of_week: 'monday',
  currency: 'euro',
};
const before = typedOf(ADA);

test('what is left as it was is not sent', () => {
  expect(changesOf(before, { name: 'Ada', height: '170', birthdate: '' })).toEqual({});
});

test('a height that nobody touched keeps its centimetres, whatever the units', () => {
  expect(changesOf(before, { feet: '5', inches: '7' })).toEqual({});
  expect(changesOf(before, { feet: '5', inches: '8' })).toEqual({ height: 173 });
});

test('what is emptied is cleared, but a name is refused rather than lost', () => {
  expect(changesOf(before, { city: '', height: '', name: '' })).toEqual({ city: null, height: null, name: '' });
  expect(changesOf(before, { feet: '', inches: '' })).toEqual({ height: null });
});

test('numbers are sent as numbers, and what is none as it was typed', () => {
  expect(changesOf(before, { max_heart_rate: '190' })).toEqual({ max_heart_rate: 190 });
  expect(changesOf(before, { max_heart_rate: 'fast', height: '1.70' })).toEqual({ max_heart_rate: 'fast', height: '1.70' });
  expect(changesOf(before, { feet: 'six', inches: '' })).toEqual({ height: 'six ' });
});
