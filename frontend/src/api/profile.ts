import type { Api } from './client';
import type { Me } from './types';
import { sendFile } from './upload';

export const GENDERS = ['unspecified', 'female', 'male'] as const;
export const UNITS = ['metric', 'imperial'] as const;
export const CURRENCIES = ['euro', 'dollar', 'pound'] as const;
export const WEEK_DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
export const VISIBILITIES = ['public', 'followers', 'private'] as const;
export const HIDEABLE = [
  'start_time',
  'location',
  'map',
  'hr',
  'power',
  'cadence',
  'elevation',
  'speed',
  'pace',
  'laps',
  'workout_sets_steps',
  'gear',
] as const;

/** What people change of themselves. */
export interface ProfileValues {
  name: string;
  username: string;
  preferred_language: string;
  city: string | null;
  birthdate: string | null;
  gender: (typeof GENDERS)[number];
  units: (typeof UNITS)[number];
  height: number | null;
  max_heart_rate: number | null;
  first_day_of_week: (typeof WEEK_DAYS)[number];
  currency: (typeof CURRENCIES)[number];
}

export type Profile = Me & ProfileValues;

export interface OwnEmail {
  email: string | null;
  email_verified: boolean;
  pending_email: string | null;
  pending_until: string | null;
}

export type Visibility = (typeof VISIBILITIES)[number];
export type Hiding = `hide_activity_${(typeof HIDEABLE)[number]}`;
export type Privacy = { default_activity_visibility: Visibility } & Record<Hiding, boolean>;

export interface PublicProfile {
  name: string | null;
  username: string | null;
  photo_url: string | null;
}

export function readProfile(api: Api): Promise<Profile> {
  return api.get('/users/me');
}

/** Changes what is named and nothing else; what is sent as it cannot be is refused at its field. */
export function changeProfile(api: Api, changes: Record<string, unknown>): Promise<Profile> {
  return api.patch('/users/me', changes);
}

export function putPhoto(api: Api, photo: Blob, onProgress: (part: number) => void): Promise<Profile> {
  return sendFile(api, 'PUT', '/users/me/photo', photo, onProgress);
}

export function removePhoto(api: Api): Promise<void> {
  return api.delete('/users/me/photo');
}

export function readEmail(api: Api): Promise<OwnEmail> {
  return api.get('/users/me/email');
}

/** Has a link mailed to another address; a recent sign-in is needed. */
export function askForEmail(api: Api, email: string): Promise<unknown> {
  return api.put('/users/me/email', { email });
}

export function withdrawEmail(api: Api): Promise<void> {
  return api.delete('/users/me/email/pending');
}

export function readPrivacy(api: Api): Promise<Privacy> {
  return api.get('/users/me/privacy');
}

export function putPrivacy(api: Api, privacy: Privacy): Promise<Privacy> {
  return api.put('/users/me/privacy', privacy);
}

export function readPublicProfile(api: Api, id: string): Promise<PublicProfile> {
  return api.get(`/public/users/${encodeURIComponent(id)}`);
}
