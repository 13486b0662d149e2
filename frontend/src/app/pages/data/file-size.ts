const UNITS = ['byte', 'kilobyte', 'megabyte'] as const;
const STEP = 1_000;

/** How large a file is, as people say it: "812 kB", "1.4 MB". */
export function fileSize(bytes: number, tag: string): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log(bytes) / Math.log(STEP))));
  const unit = UNITS[power] ?? 'byte';
  const format = new Intl.NumberFormat(tag, { style: 'unit', unit, maximumFractionDigits: unit === 'megabyte' ? 1 : 0 });
  return format.format(bytes / STEP ** power);
}
