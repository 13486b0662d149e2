import { hrefOf, pathOf } from './root';

/** Goes to a path of this app without loading the page again. */
export function navigate(path: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') history.pushState(null, '', hrefOf(path));
  else history.replaceState(null, '', hrefOf(path));
  window.dispatchEvent(new PopStateEvent('popstate'));
}

/** Follows links inside the app; all others stay the browser's. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
  if (!link || link.target || link.origin !== location.origin || !link.hasAttribute('data-route')) return;
  event.preventDefault();
  navigate(pathOf(link.pathname) + link.search);
}
