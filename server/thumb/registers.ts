/**
 * Registers with a role that all kernels share. 3 and 4 are free between a window's rows, 5 and 6 hold sums or weights, 8 to 11 sums; 12 and
 * 14 need not be given back to the caller.
 */
export const X = 0;
export const TAP = 1;
/** Tables. */
export const W = 2;
export const A = 3;
export const B = 4;
/** The output; outside of kernels the counters. */
export const Y = 7;
/** The window's first tap. */
export const FIRST = 12;
/** Where a loop over taps ends. A jump farther than 2 KB loses it. */
export const END = 14;

/** Full sums, and sums of which two share a register. */
export const SUMS = [5, 6, 8, 9, 10, 11] as const;
export const PAIRS = [8, 9, 10, 11] as const;
/** Full sums beside pairs that are unpacked before a window is complete. */
export const BESIDE_PAIRS = [5, 6, 10, 11] as const;

export const isHigh = (register: number): boolean => register > 7;

/** Registers that a C function must give back as it got them, 4 to 11, and lr. */
export const SAVED_BYTES = 36;
