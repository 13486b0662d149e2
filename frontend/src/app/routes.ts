import { html, type TemplateResult } from 'lit';
import type { SectionName } from './frame';
import { currentTheme } from './theme';

/** Who may see a page. */
export type Audience = 'everybody' | 'signed_in' | 'administrators';

export interface Route {
  /** The catalogue key of the page's title. */
  title:
    | 'sign_in'
    | 'setup_title'
    | 'sign_up'
    | 'verify_email'
    | 'confirm_email'
    | 'undo_email'
    | 'reset_password'
    | 'invitation'
    | 'person'
    | 'choose_password'
    | 'second_step'
    | 'not_found'
    | 'admins_only'
    | SectionName;
  audience: Audience;
  /** Which part of what signed-in people see it is; it then stands under their header. */
  section?: SectionName;
  /** Defines the page's element; loaded when the page is first shown. */
  load: () => Promise<unknown>;
  render: () => TemplateResult;
}

const inbox: Route = {
  title: 'inbox',
  section: 'inbox',
  audience: 'signed_in',
  load: () => import('./pages/inbox-page'),
  render: () => html`<tidings-inbox-page theme=${currentTheme()}></tidings-inbox-page>`,
};

const notFound: Route = {
  title: 'not_found',
  audience: 'everybody',
  load: () => import('./pages/not-found-page'),
  render: () => html`<tidings-not-found-page></tidings-not-found-page>`,
};

/** What somebody sees in place of a page for administrators. */
export const adminsOnly: Route = { ...notFound, title: 'admins_only', render: () => html`<tidings-not-found-page admins></tidings-not-found-page>` };

const ROUTES: Record<string, Route> = {
  '/': inbox,
  '/inbox': inbox,
  '/deliveries': {
    title: 'deliveries',
    section: 'deliveries',
    audience: 'administrators',
    load: () => import('./pages/console/deliveries-page'),
    render: () => html`<tidings-deliveries-page></tidings-deliveries-page>`,
  },
  '/mailbox': {
    title: 'mailbox',
    section: 'mailbox',
    audience: 'administrators',
    load: () => import('./pages/console/mailbox-page'),
    render: () => html`<tidings-mailbox-page></tidings-mailbox-page>`,
  },
  '/templates': {
    title: 'templates',
    section: 'templates',
    audience: 'administrators',
    load: () => import('./pages/console/templates-page'),
    render: () => html`<tidings-templates-page></tidings-templates-page>`,
  },
  '/settings': {
    title: 'settings',
    section: 'settings',
    audience: 'administrators',
    load: () => import('./pages/settings/settings-page'),
    render: () => html`<tidings-settings-page></tidings-settings-page>`,
  },
  '/system': {
    title: 'system',
    section: 'system',
    audience: 'administrators',
    load: () => import('./pages/console/system-page'),
    render: () => html`<tidings-system-page></tidings-system-page>`,
  },
  '/security': {
    title: 'security',
    section: 'security',
    audience: 'signed_in',
    load: () => import('./pages/security/security-page'),
    render: () => html`<tidings-security-page></tidings-security-page>`,
  },
  '/choose-password': {
    title: 'choose_password',
    audience: 'signed_in',
    load: () => import('./pages/security/choose-password-page'),
    render: () => html`<tidings-choose-password-page></tidings-choose-password-page>`,
  },
  '/second-step': {
    title: 'second_step',
    audience: 'signed_in',
    load: () => import('./pages/security/second-step-page'),
    render: () => html`<tidings-second-step-page></tidings-second-step-page>`,
  },
  '/profile': {
    title: 'profile',
    section: 'profile',
    audience: 'signed_in',
    load: () => import('./pages/profile/profile-page'),
    render: () => html`<tidings-profile-page></tidings-profile-page>`,
  },
  '/data': {
    title: 'data',
    section: 'data',
    audience: 'signed_in',
    load: () => import('./pages/data/data-page'),
    render: () => html`<tidings-data-page></tidings-data-page>`,
  },
  '/person': {
    title: 'person',
    audience: 'everybody',
    load: () => import('./pages/person-page'),
    render: () => html`<tidings-person-page></tidings-person-page>`,
  },
  '/sign-in': {
    title: 'sign_in',
    audience: 'everybody',
    load: () => import('./pages/sign-in-page'),
    render: () => html`<tidings-sign-in-page></tidings-sign-in-page>`,
  },
  '/setup': {
    title: 'setup_title',
    audience: 'everybody',
    load: () => import('./pages/setup-page'),
    render: () => html`<tidings-setup-page></tidings-setup-page>`,
  },
  '/sign-up': {
    title: 'sign_up',
    audience: 'everybody',
    load: () => import('./pages/accounts/sign-up-page'),
    render: () => html`<tidings-sign-up-page></tidings-sign-up-page>`,
  },
  '/verify-email': address('verify'),
  '/confirm-email': address('confirm'),
  '/undo-email': address('undo'),
  '/reset-password': {
    title: 'reset_password',
    audience: 'everybody',
    load: () => import('./pages/accounts/reset-password-page'),
    render: () => html`<tidings-reset-password-page></tidings-reset-password-page>`,
  },
  '/invitation': {
    title: 'invitation',
    audience: 'everybody',
    load: () => import('./pages/accounts/invitation-page'),
    render: () => html`<tidings-invitation-page></tidings-invitation-page>`,
  },
};

export function routeOf(path: string): Route {
  return ROUTES[path.replace(/(.)\/+$/, '$1')] ?? notFound;
}

/** A page that a letter about an address leads to. */
function address(purpose: 'verify' | 'confirm' | 'undo'): Route {
  return {
    title: `${purpose}_email`,
    audience: 'everybody',
    load: () => import('./pages/accounts/address-page'),
    render: () => html`<tidings-address-page purpose=${purpose}></tidings-address-page>`,
  };
}
