import { html, type TemplateResult } from 'lit';

export interface Route {
  /** The catalogue key of the page's title. */
  title: 'sign_in' | 'setup_title' | 'inbox' | 'not_found';
  needsSignIn: boolean;
  /** Defines the page's element; loaded when the page is first shown. */
  load: () => Promise<unknown>;
  render: () => TemplateResult;
}

const inbox: Route = {
  title: 'inbox',
  needsSignIn: true,
  load: () => import('./pages/inbox-page'),
  render: () => html`<tidings-inbox-page></tidings-inbox-page>`,
};

const notFound: Route = {
  title: 'not_found',
  needsSignIn: false,
  load: () => import('./pages/not-found-page'),
  render: () => html`<tidings-not-found-page></tidings-not-found-page>`,
};

const ROUTES: Record<string, Route> = {
  '/': inbox,
  '/inbox': inbox,
  '/sign-in': {
    title: 'sign_in',
    needsSignIn: false,
    load: () => import('./pages/sign-in-page'),
    render: () => html`<tidings-sign-in-page></tidings-sign-in-page>`,
  },
  '/setup': {
    title: 'setup_title',
    needsSignIn: false,
    load: () => import('./pages/setup-page'),
    render: () => html`<tidings-setup-page></tidings-setup-page>`,
  },
};

export function routeOf(path: string): Route {
  return ROUTES[path.replace(/(.)\/+$/, '$1')] ?? notFound;
}
