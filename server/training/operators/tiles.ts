import type { Shape } from '../../network/shape.ts';
import { PIXEL, type Plane } from '../arena.ts';
import { command } from '../encode.ts';
import type { Packing, Wiring } from './operator.ts';

/** Weights lie as [output channel / 4][tap][4]. */
export const tileIndex = (channel: number, tap: number, taps: number): number => ((channel >> 2) * taps + tap) * 4 + (channel & 3);

export function packTiles(channels: number, taps: number): Packing {
  const index = Int32Array.from({ length: channels * taps }, (_, i) => tileIndex(Math.floor(i / taps), i % taps, taps));
  return { size: Math.ceil(channels / 4) * 4 * taps, index };
}

/** A second copy of the weights, packed for the input gradient, which is refreshed before each step; returns its address. */
export function turned({ slots, arena, prepare }: Wiring, channels: number, sources: readonly ((channel: number) => number)[]): number {
  const index = new Int32Array(Math.ceil(channels / 4) * 4 * sources.length).fill(-1);
  for (let channel = 0; channel < channels; channel++) {
    sources.forEach((source, tap) => {
      index[tileIndex(channel, tap, sources.length)] = source(channel);
    });
  }
  const output = arena.allocate(index.byteLength);
  prepare.push(command('permute', { output, input: slots.weight.at, index: arena.place(index), count: index.length }));
  return output;
}

/** The byte offsets of a map's values, in height, width, channel order. */
export function valueOffsets(shape: Shape, { channel, row }: Plane, column = PIXEL): Int32Array {
  const offsets: number[] = [];
  for (let y = 0; y < shape.height; y++) {
    for (let x = 0; x < shape.width; x++) for (let c = 0; c < shape.channels; c++) offsets.push(c * channel + y * row + x * column);
  }
  return Int32Array.from(offsets);
}

/** A convolution without tables and without a mask. */
export const PLAIN = { outputTable: 0, mask: 0, maskChannel: 0, maskRow: 0, maskColumn: PIXEL, maskTable: 0 };
