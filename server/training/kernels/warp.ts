import { Warp } from '../commands/input';

export function warp(c: Warp): void {
  const size = c.rows * c.columns * c.channels;
  for (let sample = 0; sample < 16; sample++) {
    const t: usize = c.transforms + sample * 24, input: usize = c.input + sample * size;
    let output: usize = c.output + sample * size;
    for (let y = 0; y < c.rows; y++) {
      let row = load<f32>(t) * <f32>y + load<f32>(t, 8), column = load<f32>(t, 12) * <f32>y + load<f32>(t, 20);
      for (let x = 0; x < c.columns; x++) {
        pixel(c, input, output, row, column);
        row += load<f32>(t, 4);
        column += load<f32>(t, 16);
        output += c.channels;
      }
    }
  }
}

/** Between the four pixels around (row, column), bytes rounded to the nearest. */
@inline
function pixel(c: Warp, input: usize, output: usize, row: f32, column: f32): void {
  row = min(max(row, 0), <f32>(c.rows - 1));
  column = min(max(column, 0), <f32>(c.columns - 1));
  const top = <i32>row, left = <i32>column;
  const down = row - <f32>top, right = column - <f32>left;
  const above: usize = input + (top * c.columns + left) * c.channels;
  const beside: usize = left + 1 < c.columns ? c.channels : 0, below: usize = top + 1 < c.rows ? c.columns * c.channels : 0;
  for (let channel: usize = 0; channel < <usize>c.channels; channel++) {
    const at = above + channel;
    const first = <f32>load<u8>(at) * (1 - right) + <f32>load<u8>(at + beside) * right;
    const second = <f32>load<u8>(at + below) * (1 - right) + <f32>load<u8>(at + below + beside) * right;
    store<u8>(output + channel, <u8>(first * (1 - down) + second * down + 0.5));
  }
}
