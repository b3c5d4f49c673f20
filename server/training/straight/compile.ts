import { Convolve, ConvolveWeights } from '../commands/convolve.ts';
import { CONVOLVE, CONVOLVE_WEIGHTS, FUNCTIONS } from '../commands/operations.ts';
import { commandsOf, fieldsOf } from '../encode.ts';
import { keptShare, keptTaps, type SparseList } from '../operators/sparse.ts';
import type { Program } from '../program.ts';
import type { Kernels } from '../wasm.ts';
import { straightConvolve } from './convolve.ts';
import { type Body, moduleOf } from './module.ts';
import { straightWeights } from './weights.ts';

/** Blocks after which masks are taken to stay: V8 takes about the time that so many save. */
const SETTLED = 2000;
/** Taps of all kernels up to which they are compiled: code, and what V8 takes to optimise it, grow with them, to 50 MB for so many. */
const MOST_TAPS = 10_000;
/** What a tap takes in such code, beside one of a dense tile. */
const COMPILED = 1.06;

/** V8 from that version on keeps such code in its order; those before move what they can to its end, and run out of registers. */
export const keepsOrder = (): boolean => Number.parseFloat(process.versions.v8) >= 13.6;

/** Masked convolutions as straight-line code, once the masks have settled. */
export type Straight = {
  /** Masks have changed. */
  forget(): void;
  /** So many blocks are about to be trained. */
  expect(blocks: number): void;
  compile(): void;
};

/**
 * Code in which what is masked is not there: no list to read, weights at constant addresses, and every value loaded serves several taps and
 * pixels. In the commands that it replaces the operation becomes the function's place in the kernels' table.
 */
export function createStraight({ lists, train, forward, backward, store, scratch }: Program, { memory, table, code }: Kernels): Straight {
  const words = new Int32Array(memory.buffer);
  words[scratch >> 2] = scratch + 64;
  const byFlag = new Map(lists.map((list) => [list.flag, list]));
  let replaced: { readonly at: number; readonly operation: number }[] = [];
  /** Since masks have changed. */
  let blocks = 0;

  function compile(): void {
    const taps = lists.filter(pays).reduce((sum, list) => sum + keptShare(list, words) * list.channels * list.offsets.length, 0);
    if (!code || taps > MOST_TAPS) return;
    const bodies: Body[] = [];
    const places = new Map<string, number>();
    for (const { at, operation, fields } of [train, forward, backward].flatMap((listing) => commandsOf(listing, words))) {
      const key = `${operation} ${fields.join(' ')}`;
      if (!places.has(key)) {
        const body = bodyOf(operation, fields);
        if (!body) continue;
        places.set(key, bodies.push(body) - 1);
      }
      replaced.push({ at, operation });
      words[at >> 2] = FUNCTIONS + places.get(key)!;
    }
    if (bodies.length === 0) return;
    if (bodies.length > table.length) table.grow(bodies.length - table.length);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleOf(bodies)), { env: { memory } });
    bodies.forEach((_, index) => {
      table.set(index, exports[index]);
    });
  }

  function bodyOf(operation: number, fields: Int32Array): Body | undefined {
    if (operation !== CONVOLVE && operation !== CONVOLVE_WEIGHTS) return undefined;
    const c = operation === CONVOLVE ? fieldsOf(new Convolve(), fields) : fieldsOf(new ConvolveWeights(), fields);
    const list = byFlag.get(c.sparse);
    if (!list || c.rows * c.columns <= 1 || !pays(list)) return undefined;
    const first = (c.starts - list.starts) / (4 * list.rows);
    const channels = Array.from({ length: c.channels }, (_, channel) => keptTaps(list, store, words, first + channel));
    const parts = code?.parts ?? 1;
    const body =
      'allSums' in c ? straightWeights(c, channels, { parts, scratch }) : straightConvolve(c, { channels, width: list.width }, { parts });
    if (body) words[list.direct >> 2] = 1;
    return body;
  }

  const pays = (list: SparseList) => list.columns !== undefined && COMPILED * keptShare(list, words) < (list.cost ?? 1);

  return {
    forget() {
      for (const { at, operation } of replaced) words[at >> 2] = operation;
      replaced = [];
      blocks = 0;
    },
    expect(count) {
      if (blocks < SETTLED && blocks + count >= SETTLED) compile();
      blocks += count;
    },
    compile,
  };
}
