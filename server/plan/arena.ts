/** A stretch of bytes that is needed from one phase until another, both included; it begins `shift` bytes into its block. */
export type Interval = { readonly bytes: number; readonly from: number; readonly until: number; readonly shift?: number };

/** Intervals that lie together, and may overlap: a tensor and those computed over it. */
export type Block = readonly Interval[];

/** What the offset of a block is a multiple of, by the block's number; 1 where nothing is said. */
export type Alignments = ReadonlyMap<number, number>;

/** Offsets of the blocks and the bytes they take together. */
export type Packing = { readonly offsets: readonly number[]; readonly bytes: number };

/** Beyond this many blocks not every order is tried; a bound that is met ends the search before. */
const MOST_PERMUTED = 5;

/**
 * Packs blocks so that none overlaps another in both bytes and time, in as few bytes as it finds: placing blocks one by one at the lowest
 * offset that is free is optimal for some order, so orders are tried until the most bytes alive at once are met.
 */
export function pack(blocks: readonly Block[], alignments?: Alignments): Packing;
/** Undefined where it takes `limit` bytes or more. */
export function pack(blocks: readonly Block[], alignments: Alignments, limit: number): Packing | undefined;
export function pack(blocks: readonly Block[], alignments: Alignments = new Map(), limit = Number.POSITIVE_INFINITY): Packing | undefined {
  if (blocks.length === 0) return { offsets: [], bytes: 0 };
  const bound = mostAlive(blocks);
  const size = (block: Block) => Math.max(...block.map(endOf));
  const span = (block: Block) => Math.max(...block.map((interval) => interval.until)) - Math.min(...block.map((interval) => interval.from));
  const bySize = blocks.map((_, i) => i).sort((a, b) => size(blocks[b]) - size(blocks[a]) || a - b);
  const bySpan = [...bySize].sort((a, b) => span(blocks[b]) - span(blocks[a]));
  const inTime = blocks.map((_, i) => i);
  let best: Packing | undefined;
  const tried = blocks.length <= MOST_PERMUTED ? permutations(bySize) : [bySize, bySpan, inTime, [...inTime].reverse()];
  const neighbours = neighboursOf(blocks);
  for (const order of tried) {
    best = place(blocks, order, neighbours, alignments, best?.bytes ?? limit) ?? best;
    if (best?.bytes === bound) break;
  }
  return best;
}

/** The most bytes alive in one phase: no packing is smaller. */
export function mostAlive(blocks: readonly Block[]): number {
  // Phases are whole or half.
  const changes: number[] = [];
  const change = (at: number, bytes: number) => {
    changes[at] = (changes[at] ?? 0) + bytes;
  };
  for (const block of blocks)
    for (const { bytes, from, until } of block) {
      change(2 * from, bytes);
      change(2 * until + 1, -bytes);
    }
  let alive = 0;
  let most = 0;
  for (let at = 0; at < changes.length; at++) {
    alive += changes[at] ?? 0;
    most = Math.max(most, alive);
  }
  return most;
}

/** For each block those that are needed at the same time as it. */
function neighboursOf(blocks: readonly Block[]): number[][] {
  const spans = blocks.map((block) => ({
    from: Math.min(...block.map(({ from }) => from)),
    until: Math.max(...block.map(({ until }) => until)),
  }));
  return blocks.map((_, i) =>
    spans.flatMap((span, j) => (i !== j && span.from <= spans[i].until && spans[i].from <= span.until ? [j] : [])),
  );
}

function place(
  blocks: readonly Block[],
  order: readonly number[],
  neighbours: readonly (readonly number[])[],
  alignments: Alignments,
  limit: number,
): Packing | undefined {
  const offsets: number[] = Array(blocks.length).fill(-1);
  let bytes = 0;
  for (const index of order) {
    const block = blocks[index];
    const placed = neighbours[index].filter((other) => offsets[other] >= 0);
    const to = alignments.get(index) ?? 1;
    let offset = 0;
    // Past one thing that is in the way after the other: nothing below what a collision asks for is free of it.
    for (let clear = 0; clear < placed.length; ) {
      const next = beyond(block, offset, blocks[placed[clear]], offsets[placed[clear]]);
      if (next === undefined) clear++;
      else {
        offset = Math.ceil(next / to) * to;
        clear = 0;
      }
    }
    offsets[index] = offset;
    for (const interval of block) bytes = Math.max(bytes, offset + endOf(interval));
    if (bytes >= limit) return undefined;
  }
  return { offsets, bytes };
}

/** The offset from which on two intervals that collide no longer do; undefined where none do. */
function beyond(block: Block, offset: number, other: Block, otherOffset: number): number | undefined {
  for (const { from, until, bytes, shift = 0 } of block)
    for (const there of other) {
      if (from > there.until || there.from > until) continue;
      const begin = otherOffset + (there.shift ?? 0);
      if (offset + shift < begin + there.bytes && begin < offset + shift + bytes) return begin + there.bytes - shift;
    }
  return undefined;
}

const endOf = ({ shift = 0, bytes }: Interval): number => shift + bytes;

/** All orders, the given one first (Heap's algorithm, Computer Journal 1963). */
function* permutations(order: readonly number[]): Generator<readonly number[]> {
  const current = [...order];
  const counters = current.map(() => 0);
  yield current;
  for (let i = 1; i < current.length; ) {
    if (counters[i] >= i) {
      counters[i++] = 0;
      continue;
    }
    const j = i % 2 ? counters[i] : 0;
    [current[i], current[j]] = [current[j], current[i]];
    counters[i]++;
    i = 1;
    yield current;
  }
}
