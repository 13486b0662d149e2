import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';

const PATHS: Record<string, SVGTemplateResult> = {
  bell: svg`<path d="M6 9.5a6 6 0 0 1 12 0c0 5 2 6.5 2 6.5H4s2-1.5 2-6.500M10 19.500a2.2 2.2 0 0 0 4 0"/>`,
  check: svg`<path d="m5 12.5 4.5 4.500L19 7.5"/>`,
  dot: svg`<circle cx="12" cy="12" r="4.5" fill="currentColor"/>`,
  clock: svg`<circle cx="12" cy="12" r="8"/><path d="M12 7.500V12l3 2"/>`,
  close: svg`<path d="m7 7 10 10M17 7 7 17"/>`,
  archive: svg`<path d="M4.5 5h15v4h-15zM6 9v10h12V9M10 13h4"/>`,
  restore: svg`<path d="M5 5v5h5M5.6 10a7 7 0 1 1-.6 3.5"/>`,
  keyboard: svg`<rect x="3" y="6.5" width="18" height="11" rx="2"/><path d="M7 10.500h.01M11 10.500h.01M15 10.500h.01M8.5 14h7"/>`,
  checks: svg`<path d="m3 13 4 4 8.5-9.500M11.5 15.5 13 17l8-9.5"/>`,
  up: svg`<path d="M12 19V6M6.5 11 12 5.500l5.5 5.5"/>`,
  offline: svg`<path d="m4 4 16 16M8.5 15a5 5 0 0 1 6.5-.5M5 11.500a10 10 0 0 1 4-2.300M12.5 8.500a10 10 0 0 1 6.5 3M12 18.500h.01"/>`,
  warning: svg`<path d="M12 4.5 3.5 19h17zM12 10v4M12 16.700v.01"/>`,
  trophy: svg`<path d="M8 4.500h8v6a4 4 0 0 1-8 0zM8 6H4.500c0 3 1.5 4.5 3.5 4.500M16 6h3.500c0 3-1.5 4.5-3.5 4.500M12 14.500v3M8.5 19.500h7"/>`,
  user: svg`<circle cx="12" cy="8.5" r="3.5"/><path d="M5 19.500c.6-3.5 3.3-5 7-5s6.4 1.5 7 5"/>`,
  activity: svg`<path d="M3.5 12.500h4l2.5-7 4 13 2.5-6h4"/>`,
  shield: svg`<path d="M12 3.5 5 6v5.500c0 4.5 3 7.3 7 9 4-1.7 7-4.5 7-9V6z"/>`,
  mail: svg`<rect x="3.5" y="5.5" width="17" height="13" rx="2"/><path d="m4 7.5 8 6 8-6"/>`,
  megaphone: svg`<path d="M4 10v4h3l9 4V6L7 10zM8 14.500l1 5M19 10.500v3"/>`,
  heart: svg`<path d="M12 19.500C7 16 4 13 4 9.500a4 4 0 0 1 8-1 4 4 0 0 1 8 1c0 3.5-3 6.5-8 10z"/>`,
  link: svg`<path d="M10 14a4 4 0 0 0 5.7 0l2.8-2.800a4 4 0 0 0-5.7-5.700L11.5 7M14 10a4 4 0 0 0-5.7 0l-2.8 2.800a4 4 0 0 0 5.7 5.700l1.3-1.5"/>`,
  package: svg`<path d="m12 3.5 8 4.300v8.400l-8 4.3-8-4.300V7.800zM4.2 8l7.8 4 7.8-4M12 12v8.5"/>`,
  alert: svg`<circle cx="12" cy="12" r="8"/><path d="M12 8v4.5M12 15.700v.01"/>`,
  compass: svg`<circle cx="12" cy="12" r="8"/><path d="m15 9-1.700 4.300L9 15l1.700-4.300z"/>`,
  copy: svg`<rect x="9" y="9" width="10" height="10" rx="2"/><path d="M6 15H5V7a2 2 0 0 1 2-2h8v1"/>`,
  download: svg`<path d="M12 4.5v10M8 11l4 4 4-4M5 19h14"/>`,
  flame: svg`<path d="M12 3.5c3.5 3 5.500 6 5.500 9.5a5.5 5.5 0 0 1-11 0c0-1.800.8-3.300 2-4.500.3 1.500 1 2.300 2 2.500 0-3 .5-5.500 1.500-7.500z"/>`,
  info: svg`<circle cx="12" cy="12" r="8"/><path d="M12 11.500V16M12 8.300v.01"/>`,
  lightbulb: svg`<path d="M9 16a6 6 0 1 1 6 0v1.500H9zM10 20h4"/>`,
  message: svg`<path d="M4.500 5.500h15v10H11l-4 3.500v-3.500H4.500z"/>`,
  plug: svg`<path d="M9 4v4M15 4v4M7 8h10v3a5 5 0 0 1-10 0zM12 16v4.500"/>`,
  star: svg`<path d="m12 4 2.400 5 5.600.8-4 3.900.9 5.500-4.900-2.600-4.900 2.600.9-5.500-4-3.900 5.600-.8z"/>`,
  'user-check': svg`<circle cx="10" cy="8.5" r="3.5"/><path d="M3.500 19.500c.6-3.500 3-5 6.500-5s5.900 1.500 6.500 5M15.500 10.500l2 2 3.500-4"/>`,
  'user-plus': svg`<circle cx="10" cy="8.5" r="3.5"/><path d="M3.500 19.500c.6-3.500 3-5 6.500-5s5.900 1.500 6.500 5M18.500 8v5M16 10.500h5"/>`,
  users: svg`<circle cx="9" cy="9" r="3"/><path d="M3 18.500c.5-3 2.800-4.300 6-4.300s5.500 1.300 6 4.300M15.500 6.200a3 3 0 0 1 0 5.600M17.500 14.600c2 .5 3.200 1.800 3.500 3.900"/>`,
};

/** A line icon that says nothing to a screen reader: its button or neighbour has the words. */
export function icon(name: string): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${PATHS[name] ?? PATHS['bell']}</svg>`;
}
