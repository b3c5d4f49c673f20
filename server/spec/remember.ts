import { isDeepStrictEqual } from 'node:util';

/** So many specs are edited at a time. */
const MOST = 4;

/** A pure function that knows its last few answers; equal arguments get the same object again. */
export function remembering<Arguments extends readonly unknown[], Answer>(
  give: (...args: Arguments) => Answer,
): (...args: Arguments) => Answer {
  const known: { readonly args: Arguments; readonly answer: Answer }[] = [];
  return (...args) => {
    const place = known.findIndex((each) => each.args.every((argument, index) => same(argument, args[index])));
    const [found = { args, answer: give(...args) }] = place < 0 ? [] : known.splice(place, 1);
    known.unshift(found);
    known.length = Math.min(known.length, MOST);
    return found.answer;
  };
}

/** Equality of plain values, written out for what a spec is made of. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => same(item, b[index]));
  if (Object.getPrototypeOf(a) !== Object.prototype) return isDeepStrictEqual(a, b);
  if (Object.getPrototypeOf(b) !== Object.prototype) return false;
  const keys = Object.keys(a);
  const [left, right] = [a as { [key: string]: unknown }, b as { [key: string]: unknown }];
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(left[key], right[key]));
}
