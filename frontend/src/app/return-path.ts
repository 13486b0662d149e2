const HOME = '/inbox';

/** Where to go after signing in: a path of this site only, so that a link cannot send people elsewhere. */
export function returnPath(wanted: string | null, origin: string = location.origin): string {
  if (!wanted?.startsWith('/') || /[\\\s]/.test(wanted)) return HOME;
  const url = new URL(wanted, origin);
  if (url.origin !== origin || url.pathname === '/' || url.pathname.startsWith('/sign-in')) return HOME;
  return url.pathname + url.search + url.hash;
}
