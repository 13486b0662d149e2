/** An address that may be followed: http, https or mailto, resolved against the server; null for all else. */
export function safeLink(target: string | null, base: string): string | null {
  if (!target) return null;
  try {
    const url = new URL(target, base);
    return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
