/** What crosses the wire, as the contract names it. Times are RFC 3339 in UTC. */

export type Priority = 'low' | 'medium' | 'high' | 'urgent';

export interface Actor {
  id: string;
  name?: string | null;
  username?: string | null;
  photo_url?: string | null;
}

export interface Notification {
  id: string;
  event_id: string;
  type: string;
  type_code: number;
  priority: Priority;
  title: string;
  message: string;
  data: Record<string, unknown>;
  actor: Actor | null;
  action_url: string | null;
  action_text: string | null;
  icon: string | null;
  image_url: string | null;
  group_key: string | null;
  is_seen: boolean;
  is_read: boolean;
  read_at: string | null;
  is_dismissed: boolean;
  dismissed_at: string | null;
  snoozed_until: string | null;
  sent_in_app: boolean;
  sent_email: boolean;
  sent_push: boolean;
  reason: string | null;
  created_at: string;
  expires_at: string | null;
  revision: number;
}

export interface Counts {
  unread_count: number;
  unseen_count: number;
}

export interface NotificationPage extends Counts {
  notifications: Notification[];
  total: number | null;
  has_more: boolean;
  next_cursor: string | null;
  /** Where a stream resumes. */
  cursor: string;
}

export interface Changes extends Counts {
  changes: Notification[];
  deleted: string[];
  cursor: string;
  has_more: boolean;
  reset: boolean;
}

export interface Affected {
  success: boolean;
  affected_count: number;
  message: string;
}

/** The signed-in person, as far as the pages use the profile. */
export interface Me {
  id: string;
  name: string;
  username: string;
  email: string | null;
  preferred_language: string;
  access_type: 'regular' | 'admin';
  photo_url?: string | null;
  has_password: boolean;
  mfa_enabled: boolean;
  /** Somebody else chose the password: until it is changed, nothing else can be done. */
  password_must_change: boolean;
  /** The server asks for a second factor that is missing: until it is set up, nothing else can be done. */
  mfa_setup_required: boolean;
}

export interface MfaRequired {
  mfa_required: true;
  mfa_token: string;
  methods: string[];
}

export interface SignedIn {
  user: Me;
  mfa_required?: false;
}

export type SignInAnswer = SignedIn | MfaRequired;

/** One proof for the second step; a passkey's is WebAuthn's own JSON. */
export type Proof = { code: string } | { recovery_code: string } | { passkey: unknown };

export interface Providers {
  providers: { slug: string; name: string; icon: string | null }[];
  auto_redirect: boolean;
}

/** The server settings that everybody may know, as far as the pages use them. */
export interface PublicSettings {
  /** The picture beside the form that signs in. */
  login_photo_url: string | null;
  signup_enabled: boolean;
  local_login_enabled: boolean;
  public_shareable_links: boolean;
  public_shareable_links_user_info: boolean;
  password_type: 'nist' | 'strict' | 'length_only';
  password_length_regular_users: number;
  password_length_admin_users: number;
  /** What is enough with a second factor; null where that makes no difference. */
  password_length_with_mfa: number | null;
}

export interface Applicant {
  username: string;
  email: string;
  name: string;
  password: string;
  preferred_language: string;
}

export interface Guest {
  token: string;
  username: string;
  name: string;
  password: string;
}

export interface Administrator {
  token: string;
  username: string;
  email: string;
  name: string;
  password: string;
}

/** RFC 9457, with our stable `code` and, for 422, where each error stands. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code: string;
  errors?: { pointer: string; code: string; detail: string; advice?: string[] }[];
}
