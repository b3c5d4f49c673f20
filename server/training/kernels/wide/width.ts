/**
 * Whether V8 makes one vector of 8 of two vectors of 4 that lie side by side (`--experimental-wasm-revectorize`). It begins at pairs of
 * stores, at one address that is not constant and offsets 16 apart, and follows what is stored back through loads side by side, provided
 * that nothing is stored between what it pairs.
 */
export const WIDE: bool = false;
