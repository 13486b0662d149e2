const SVG = 'http://www.w3.org/2000/svg';

/** An SVG element as the address of a picture: so it runs nothing, whatever is in it. */
export function pictureOf(svg: string): string {
  const named = /^<svg[^>]*\sxmlns=/.test(svg) ? svg : svg.replace('<svg', `<svg xmlns="${SVG}"`);
  return `data:image/svg+xml,${encodeURIComponent(named)}`;
}

/** Four characters at a time, as people read and type them. */
export function inGroups(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? '';
}

/** The codes as a file that is kept. */
export function fileOf(codes: readonly string[], title: string): Blob {
  return new Blob([[title, '', ...codes, ''].join('\n')], { type: 'text/plain' });
}
