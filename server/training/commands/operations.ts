/**
 * What the kernels are told to do: a command is its operation and the fields of its class, in the files beside. Those are compiled twice:
 * by AssemblyScript, where a class is the layout of a command in memory, and as TypeScript, where the same class names the fields that the
 * builder fills in (`encode.ts`). So they may hold nothing but number fields.
 *
 * Addresses are bytes in the arena. A plane is a tensor for one block of samples, `[channel][row][column + halo][16 samples]` of f32:
 * `output` is the address of its first value and `outputChannel`, `outputRow`, `outputColumn` its strides in bytes.
 * A zero address means that the part is absent. `relu` is 0 or 1.
 */

export const CONVOLVE: i32 = 1;
export const CONVOLVE_WEIGHTS: i32 = 2;
export const DEPTHWISE: i32 = 3;
export const DEPTHWISE_UNSTRIDE: i32 = 4;
export const DEPTHWISE_WEIGHTS: i32 = 5;
export const WINOGRAD_INPUT: i32 = 6;
export const WINOGRAD_OUTPUT: i32 = 7;
export const WINOGRAD_GRADIENT: i32 = 8;
export const WINOGRAD_INPUT_GRADIENT: i32 = 9;
export const WINOGRAD_WEIGHTS: i32 = 10;
export const WINOGRAD_WEIGHTS_GRADIENT: i32 = 11;
export const MAX_POOL: i32 = 12;
export const MAX_POOL_GRADIENT: i32 = 13;
export const AVERAGE_POOL: i32 = 14;
export const AVERAGE_POOL_GRADIENT: i32 = 15;
export const NORMALISE: i32 = 16;
export const NORMALISE_GRADIENT: i32 = 17;
export const GATHER: i32 = 18;
export const SHIFT: i32 = 19;
export const WARP: i32 = 20;
export const SOFTMAX: i32 = 21;
export const REDUCE: i32 = 22;
export const ADAM: i32 = 23;
export const MOMENTUM: i32 = 24;
export const TRANSFER: i32 = 25;
export const PERMUTE: i32 = 26;
export const RANGE: i32 = 27;
export const REQUANTIZE: i32 = 28;
export const REQUANTIZE_GRADIENT: i32 = 29;
export const STEP_GRADIENT: i32 = 30;
export const SKIP: i32 = 31;
/** From here on an operation is a function of the kernels' table, by its place in it; it reads no fields. */
export const FUNCTIONS: i32 = 1024;
