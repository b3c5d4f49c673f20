import { formatExact } from './format.ts';

/** A kind of quantity: how it is written, and what one of each unit is in the kind's base unit. */
export type Kind = {
  readonly units: { readonly [unit: string]: number };
  /** For messages: how it may be written. */
  readonly allowed: string;
  /** May the value have a fraction, in the base unit? */
  readonly whole: boolean;
  readonly most: number;
};

const kinds = {
  /** Bytes; 1 KB is 1024 B. */
  size: {
    units: { B: 1, KB: 1024, MB: 1024 ** 2, KiB: 1024, MiB: 1024 ** 2 },
    allowed: 'a size such as "2 KB", "512 B" or a number of bytes',
    whole: true,
    most: 2 ** 40,
  },
  /** Seconds. */
  duration: {
    units: { s: 1, min: 60, h: 3600, d: 86400 },
    allowed: 'a time such as "90 s", "30 min", "2 h" or a number of seconds',
    whole: false,
    most: 366 * 86400,
  },
  /** 0..1. */
  share: { units: { '%': 0.01 }, allowed: 'a share such as "10 %" or 0.1', whole: false, most: 1 },
  /** Hertz. */
  frequency: {
    units: { Hz: 1, kHz: 1e3, MHz: 1e6, GHz: 1e9 },
    allowed: 'a frequency such as "16 MHz" or a number of hertz',
    whole: false,
    most: 1e11,
  },
} as const satisfies { [name: string]: Kind };

export type KindName = keyof typeof kinds;

export const kindOf = (name: KindName): Kind => kinds[name];

/** What a written quantity is in base units; a string says why it cannot be read. */
export function readQuantity(name: KindName, written: number | string): number | string {
  const kind = kindOf(name);
  const value = typeof written === 'number' ? written : readText(kind, written);
  if (typeof value === 'string') return value;
  if (!Number.isFinite(value) || value < 0 || value > kind.most) return `${written} is out of range: expected ${kind.allowed}`;
  if (kind.whole && !Number.isInteger(value)) return `${written} is not a whole number of bytes`;
  return value;
}

function readText(kind: Kind, written: string): number | string {
  const parts = /^\s*(\d{1,15}(?:\.\d{1,9})?)\s*([A-Za-z%]*)\s*$/.exec(written);
  if (!parts) return `"${shorten(written)}" is not ${kind.allowed}`;
  if (parts[2] === '') return `"${shorten(written)}" has no unit: expected ${kind.allowed}`;
  const unit = Object.keys(kind.units).find((each) => each.toLowerCase() === parts[2].toLowerCase());
  if (unit === undefined) return `"${shorten(parts[2])}" is no unit here: expected ${kind.allowed}`;
  return exact(Number(parts[1]) * kind.units[unit]);
}

/** 0.07 * 100 and the like end in noise of the last binary digits; a written decimal does not. */
const exact = (value: number): number => Number(value.toPrecision(14));

const shorten = (text: string): string => (text.length > 40 ? `${text.slice(0, 39)}…` : text);

/** A written quantity in base units, in words; `allowed` is that of its kind. Undefined for anything else. */
export function resolved(allowed: string, written: number | string): string | undefined {
  const name = (Object.keys(kinds) as KindName[]).find((each) => kindOf(each).allowed === allowed);
  const value = name && readQuantity(name, written);
  if (name === undefined || typeof value !== 'number') return undefined;
  return { size: formatExact(value), duration: `${value} s`, share: `${exact(value * 100)} %`, frequency: `${value / 1e6} MHz` }[name];
}
