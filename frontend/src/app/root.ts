/**
 * The path under which this Tidings lives, without a slash at the end: empty, unless it is mounted in another app or
 * stands behind a proxy with a path. The server writes it into the page.
 */
export const root = rootOf(document);

export function rootOf(page: Document): string {
  return (page.querySelector<HTMLMetaElement>('meta[name=tidings-root]')?.content ?? '').replace(/\/+$/, '');
}

/** What a link to one of our paths says: `/inbox` is `/tidings/inbox` under `/tidings`. */
export function hrefOf(path: string, under: string = root): string {
  return under + path;
}

/** Our path of an address of this site; one from outside of the root stays as it is. */
export function pathOf(pathname: string, under: string = root): string {
  if (pathname !== under && !pathname.startsWith(`${under}/`)) return pathname;
  return pathname.slice(under.length) || '/';
}
