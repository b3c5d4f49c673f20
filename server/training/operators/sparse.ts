import type { Store } from '../store.ts';
import type { Wiring } from './operator.ts';

/** What a tap that is listed takes, beside one of a tile, which reads each input value for four channels. */
const LISTED = 1.54;

/** A kernel whose taps are listed channel by channel, kernel row by kernel row. */
type Kernel = {
  readonly channels: number;
  readonly rows: number;
  /** The byte offset of each tap from the input pixel, as many for every row. */
  readonly offsets: ArrayLike<number>;
  /** For each tap, the index of a channel's weight in the packed tensor. */
  readonly sources: readonly ((channel: number) => number)[];
  /** The time that the kernel takes with its zeros, that of going tap by tap taken for 1. */
  readonly cost?: number;
};

/**
 * The taps of a kernel that no mask forbids: `flag` (i32) says whether the kernels are to use them, `starts` (i32) holds the address of the
 * first entry of each channel and row and of the end, and an entry is a pair of i32: the tap's byte offset, and 4 times the weight's index.
 */
export type SparseList = Kernel & { readonly flag: number; readonly starts: number; readonly entries: number; readonly weights: number };

/** Reserves lists for a kernel of the site's weights; `of` and `sumsOf` are the fields of commands from channel `first` on. */
export function sparseTaps({ arena, slots, lists }: Wiring, kernel: Kernel) {
  const { channels, rows, sources } = kernel;
  const flag = arena.allocate(4);
  const starts = arena.allocate(4 * (channels * rows + 1));
  const entries = arena.allocate(8 * channels * sources.length);
  lists.push({ ...kernel, flag, starts, entries, weights: slots.weight.at });
  const at = (first: number) => ({ sparse: flag, starts: starts + 4 * first * rows });
  return {
    of: (first: number) => ({ ...at(first), values: slots.weight.at }),
    sumsOf: (first: number) => ({ ...at(first), allSums: slots.weight.sums, listRows: rows }),
  };
}

/** Lists the weights that the store's mask lets differ from zero. */
export function fillList(list: SparseList, store: Store, buffer: ArrayBuffer): void {
  const { channels, rows, offsets, sources } = list;
  const words = new Int32Array(buffer);
  const keep = (store.keep + list.weights - store.values) >> 2;
  const rowTaps = sources.length / Math.max(1, rows);
  let start = list.starts >> 2;
  let entry = list.entries >> 2;
  for (let channel = 0; channel < channels; channel++) {
    for (let tap = 0; tap < sources.length; tap++) {
      if (tap % rowTaps === 0) words[start++] = 4 * entry;
      const weight = sources[tap](channel);
      if (words[keep + weight] === 0) continue;
      words[entry++] = offsets[tap];
      words[entry++] = 4 * weight;
    }
  }
  words[start] = 4 * entry;
  const kept = (entry - (list.entries >> 2)) / 2;
  words[list.flag >> 2] = Number(LISTED * kept <= (list.cost ?? 1) * channels * sources.length);
}
