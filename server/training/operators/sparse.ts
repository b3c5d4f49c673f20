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
  /** The column of each tap where that of the output is 0, and how many there are: those beside are zeros. Absent where there is one pixel. */
  readonly columns?: ArrayLike<number>;
  readonly width?: number;
  /** For each tap, the index of a channel's weight in the packed tensor. */
  readonly sources: readonly ((channel: number) => number)[];
  /** The time of another way to compute what the kernel does, with its zeros, that of going tap by tap taken for 1. */
  readonly cost?: number;
  /** That of a listed tap, beside one that is not. */
  readonly listed?: number;
};

/**
 * The taps of a kernel that no mask forbids. Words (i32): `flag` says whether the kernels are to use them where they go tap by tap, and
 * `direct` whether they are to go tap by tap; `starts` holds the address of the first entry of each channel and row and of the end, and an
 * entry is a pair: the tap's byte offset, and 4 times the weight's index.
 */
export type SparseList = Kernel & {
  readonly flag: number;
  readonly direct: number;
  readonly starts: number;
  readonly entries: number;
  readonly weights: number;
};

/** A tap that is not masked; `weight` is its index in the packed tensor. */
export type Tap = { readonly offset: number; readonly column: number; readonly weight: number };

/** Reserves lists for a kernel of the site's weights; `of` and `sumsOf` are the fields of commands from channel `first` on. */
export function sparseTaps({ arena, slots, lists }: Wiring, kernel: Kernel) {
  const { channels, rows, sources } = kernel;
  const [flag, direct] = [arena.allocate(4), arena.allocate(4)];
  const starts = arena.allocate(4 * (channels * rows + 1));
  const entries = arena.allocate(8 * channels * sources.length);
  lists.push({ ...kernel, flag, direct, starts, entries, weights: slots.weight.at });
  const at = (first: number) => ({ sparse: flag, starts: starts + 4 * first * rows });
  return {
    direct,
    of: (first: number) => ({ ...at(first), values: slots.weight.at }),
    sumsOf: (first: number) => ({ ...at(first), allSums: slots.weight.sums, listRows: rows }),
  };
}

/** Lists the weights that the store's mask lets differ from zero. */
export function fillList(list: SparseList, store: Store, buffer: ArrayBuffer): void {
  const words = new Int32Array(buffer);
  let start = list.starts >> 2;
  let entry = list.entries >> 2;
  for (let channel = 0; channel < list.channels; channel++) {
    for (const row of keptTaps(list, store, words, channel)) {
      words[start++] = 4 * entry;
      for (const { offset, weight } of row) {
        words[entry++] = offset;
        words[entry++] = 4 * weight;
      }
    }
  }
  words[start] = 4 * entry;
  const time = (list.listed ?? LISTED) * keptShare(list, words);
  words[list.flag >> 2] = Number(time <= 1);
  words[list.direct >> 2] = Number(time <= (list.cost ?? 1));
}

/** The taps of a channel that are not masked, by kernel row. */
export function keptTaps(
  { rows, offsets, columns, sources, weights }: SparseList,
  store: Store,
  words: Int32Array,
  channel: number,
): Tap[][] {
  const keep = (store.keep + weights - store.values) >> 2;
  const kept: Tap[][] = Array.from({ length: rows }, () => []);
  sources.forEach((source, tap) => {
    const weight = source(channel);
    if (words[keep + weight] !== 0)
      kept[Math.floor(tap / (sources.length / rows))].push({ offset: offsets[tap], column: columns?.[tap] ?? 0, weight });
  });
  return kept;
}

/** The share of the weights that are listed; all of them before the list was filled. */
export function keptShare({ channels, rows, sources, starts, entries }: SparseList, words: Int32Array): number {
  const end = words[(starts >> 2) + channels * rows];
  return end === 0 ? 1 : (end - entries) / (8 * channels * sources.length);
}
