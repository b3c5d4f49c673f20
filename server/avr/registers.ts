/** All that there are from SUMS on. */
export const MOST_SUM_REGISTERS = 12;

/** Registers with a role that all kernels share; r0 and r1 hold products. */
export const SUMS = 2;
export const STATE = 14;
export const TAP = 16;
export const WEIGHT = 17;
export const ZERO = 18;
export const COUNT = 19;
export const KERNEL_ROWS = 20;
export const COLUMN = 21;
/** The end of the input's ring. */
export const LIMIT = 22;
/** The window's first tap. */
export const FIRST = 24;
export const X = 26;
/** The output. */
export const Y = 28;
/** Tables. */
export const Z = 30;
/** Of a window that hangs over the border: the row and column of the tap, which may lie outside, and the first row's. */
export const FIRST_ROW = 11;
export const TAP_ROW = 12;
export const TAP_COLUMN = 13;
