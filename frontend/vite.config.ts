import type { Plugin } from 'vite';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

type Build = ViteUserConfig['build'];

const output = '../src/tidings/web/static';

/** The pages: one HTML entry whose scripts and styles carry hashed names, and a manifest. */
const app: Build = {
  outDir: output,
  emptyOutDir: true,
  manifest: 'manifest.json',
  // The polyfill would be an inline script, which our Content-Security-Policy refuses.
  modulePreload: { polyfill: false },
};

/** The embeddable elements: one file under a name that never changes, because other sites link to it. */
const inbox: Build = {
  outDir: output,
  emptyOutDir: false,
  copyPublicDir: false,
  lib: { entry: 'src/inbox.ts', formats: ['es'], fileName: () => 'inbox.js' },
  rolldownOptions: {
    output: { chunkFileNames: 'assets/inbox-[name]-[hash].js', minify: true },
  },
};

/** Styles in template literals keep their indentation through minification; here it goes. */
const tightStyles: Plugin = {
  name: 'tight-styles',
  apply: 'build',
  enforce: 'pre',
  transform: (code, id) =>
    id.includes('/src/elements/') && id.endsWith('.ts')
      ? { code: code.replace(/css`[^`]*`/g, (style) => style.replace(/\s*\n\s*/g, '').replace(/([:;,{]) /g, '$1')), map: null }
      : undefined,
};

export default defineConfig(({ mode }) => ({
  // The server puts its own path before what the page names; scripts and styles name each other from where they are.
  base: '/static/',
  experimental: { renderBuiltUrl: (_file, { hostType }) => (hostType === 'html' ? undefined : { relative: true }) },
  plugins: [tightStyles],
  build: { target: 'es2022', ...(mode === 'inbox' ? inbox : app) },
  server: { proxy: { '/api': { target: 'http://127.0.0.1:8400', ws: true } } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'] },
}));
