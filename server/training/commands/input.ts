/**
 * Turns 16 samples of bytes `[sample][row][column][channel]` into a plane; 16 bytes more may be read. `encoding` is the zero point
 * and 1 / deviation (f32), `scratch` 256 bytes.
 */
export class Gather {
  output: i32 = 0;
  outputChannel: i32 = 0;
  outputRow: i32 = 0;
  bytes: i32 = 0;
  encoding: i32 = 0;
  scratch: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
}

/** Moves each of 16 samples of bytes by its own pair of `shifts` (i32: rows down, columns right), repeating the edge. */
export class Shift {
  output: i32 = 0;
  input: i32 = 0;
  shifts: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
}

/**
 * Turns, stretches and moves each of 16 samples of bytes by its own six numbers of `transforms` (f32), as in `augment.ts`; values between
 * pixels are interpolated, and the edge repeats.
 */
export class Warp {
  output: i32 = 0;
  input: i32 = 0;
  transforms: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
}
