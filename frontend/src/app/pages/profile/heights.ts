/** Centimetres in an inch, exactly (the international yard of 1959). */
const INCH = 2.54;
const INCHES_IN_A_FOOT = 12;
/** What the server takes, in centimetres. */
export const LEAST_HEIGHT = 1;
export const MOST_HEIGHT = 300;

export interface FeetAndInches {
  feet: number;
  inches: number;
}

export function toFeet(centimetres: number): FeetAndInches {
  const inches = Math.round(centimetres / INCH);
  return { feet: Math.floor(inches / INCHES_IN_A_FOOT), inches: inches % INCHES_IN_A_FOOT };
}

export function toCentimetres({ feet, inches }: FeetAndInches): number {
  return Math.round((feet * INCHES_IN_A_FOOT + inches) * INCH);
}

/** A height as people write it: "170 cm" or "5 ft, 7 in". */
export function writeHeight(centimetres: number, units: 'metric' | 'imperial', tag: string): string {
  const write = (value: number, unit: string): string => new Intl.NumberFormat(tag, { style: 'unit', unit }).format(value);
  if (units === 'metric') return write(centimetres, 'centimeter');
  const { feet, inches } = toFeet(centimetres);
  const parts = [feet && write(feet, 'foot'), inches && write(inches, 'inch')].filter((part) => part !== 0);
  return new Intl.ListFormat(tag, { type: 'unit', style: 'short' }).format(parts);
}
