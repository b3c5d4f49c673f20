import * as z from 'zod';

export type Bounds = readonly [low: number, high: number];

/** A closed interval `[low, high]`, or one number for both. */
export const bounds = (number: z.ZodType<number, number>) =>
  z.union([number, z.tuple([number, number])]).transform((written, context): Bounds => {
    const [low, high] = typeof written === 'number' ? [written, written] : written;
    if (low <= high) return [low, high];
    const message = `the lower bound ${low} is above the upper bound ${high}`;
    context.issues.push({ code: 'custom', input: written, message, params: { problem: 'bounds' } });
    return z.NEVER;
  });

export const whole = (least: number, most: number) => z.int().min(least).max(most);
export const real = (least: number, most: number) => z.number().min(least).max(most);

/** A list that names nothing twice. */
export const distinct = <Item extends z.ZodType<string | number, string | number>>(item: Item) =>
  z
    .array(item)
    .min(1)
    .superRefine((list, context) => {
      const twice = list.findIndex((value, index) => list.indexOf(value) < index);
      if (twice < 0) return;
      const message = `${list[twice]} is listed twice`;
      context.addIssue({ code: 'custom', path: [twice], message, params: { problem: 'duplicateValue' } });
    });
