// Fails the build when the embeddable elements outgrow what a host page should have to load.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const budget = 25 * 1024;
const file = new URL('../../src/tidings/web/static/inbox.js', import.meta.url);
const size = gzipSync(readFileSync(file)).length;

console.log(`inbox.js: ${(size / 1024).toFixed(1)} KB gzip of ${budget / 1024} KB`);
if (size > budget) {
  console.error('inbox.js is over its budget: move what is not needed at first sight into a chunk of its own.');
  process.exit(1);
}
