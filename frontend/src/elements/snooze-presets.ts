export interface SnoozePreset {
  key: 'snooze_hour' | 'snooze_evening' | 'snooze_tomorrow' | 'snooze_week';
  until: Date;
}

const EVENING_HOUR = 18;
const MORNING_HOUR = 8;

/** The moments a snooze can end, in the person's own time. The evening is offered while it is still ahead. */
export function snoozePresets(now: Date): SnoozePreset[] {
  const evening = at(now, 0, EVENING_HOUR);
  const daysToMonday = ((8 - now.getDay()) % 7) || 7;
  const presets: SnoozePreset[] = [
    { key: 'snooze_hour', until: new Date(now.getTime() + 3_600_000) },
    { key: 'snooze_evening', until: evening },
    { key: 'snooze_tomorrow', until: at(now, 1, MORNING_HOUR) },
    { key: 'snooze_week', until: at(now, daysToMonday, MORNING_HOUR) },
  ];
  const isEveningAhead = evening.getTime() - now.getTime() > 3_600_000;
  return presets.filter(({ key }) => key !== 'snooze_evening' || isEveningAhead);
}

function at(now: Date, days: number, hour: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
}
