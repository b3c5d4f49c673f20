import * as z from 'zod';
import { type KindName, kindOf, readQuantity } from '../units.ts';

/** A number in base units, or text with a unit; read into base units. */
const quantity = (kind: KindName) =>
  z
    .union([z.number(), z.string()])
    .transform((written, context) => {
      const value = readQuantity(kind, written);
      if (typeof value === 'number') return value;
      context.issues.push({ code: 'custom', input: written, message: value, params: { problem: 'unit' } });
      return z.NEVER;
    })
    .meta({ title: kindOf(kind).allowed });

export const size = quantity('size');
export const duration = quantity('duration');
export const share = quantity('share');
export const frequency = quantity('frequency');
