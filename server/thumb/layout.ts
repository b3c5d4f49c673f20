import { rowOf } from './instruction.ts';
import type { Item } from './program.ts';

/** Where labels lie; one before a table lies where that begins. */
export function layout(items: readonly Item[]): { labels: Map<string, number>; bytes: number } {
  const labels = new Map<string, number>();
  let bytes = 0;
  items.forEach((item, i) => {
    const next = items[i + 1];
    if ('label' in item) labels.set(item.label, next && 'bytes' in next ? aligned(bytes) : bytes);
    bytes = endOf(item, bytes);
  });
  return { labels, bytes };
}

/** Where an item that begins at `at` or soon after ends. */
export const endOf = (item: Item, at: number): number => ('bytes' in item ? aligned(at) : at) + sizeOf(item);

/** Bytes of an item: tables fill whole words. */
export function sizeOf(item: Item): number {
  if ('bytes' in item) return aligned(item.size);
  return 'mnemonic' in item ? rowOf(item.mnemonic).bytes : 0;
}

export const aligned = (at: number): number => Math.ceil(at / 4) * 4;

export function placeOf(labels: ReadonlyMap<string, number>, label: string): number {
  const place = labels.get(label);
  if (place === undefined) throw new Error(`no label ${label}`);
  return place;
}
