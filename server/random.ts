/** A seeded source of randomness. Everything random in the project draws from one, so that a seed gives the same result everywhere. */
export type Random = {
  /** Uniform in [0, 1), a multiple of 2^-32. */
  next(): number;
  /** Uniform in [low, high). */
  uniform(low: number, high: number): number;
  /** Uniform in 0 ... n - 1, for n up to 2^32; the bias is below n / 2^32. */
  integer(n: number): number;
  /** Standard normal. */
  normal(): number;
  /** In place; returns its argument. */
  shuffle<Items extends Shuffled>(items: Items): Items;
  /** A stream of its own, fixed by this one's seed and the label alone: not by what has been drawn, and drawing nothing. */
  fork(label: string | number): Random;
};

type Shuffled = { [index: number]: unknown; readonly length: number };

/** Any finite number is a seed. */
export function createRandom(seed: number): Random {
  return random(hash(0x9e3779b9, String(seed)));
}

/**
 * xoshiro128** 1.1, Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 2021.
 * Uniform 32-bit words from four words of state, not all zero.
 */
export function xoshiro128(a: number, b: number, c: number, d: number): () => number {
  return () => {
    const word = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return word;
  };
}

function random(key: number): Random {
  const word = xoshiro128(mix(key + 1), mix(key + 2), mix(key + 3), mix(key + 4) | 1);
  const next = () => word() / 0x1_0000_0000;
  const integer = (n: number) => Math.floor(next() * n);
  let spare: number | undefined;
  return {
    next,
    integer,
    uniform: (low, high) => low + (high - low) * next(),
    normal() {
      if (spare !== undefined) {
        const kept = spare;
        spare = undefined;
        return kept;
      }
      const [first, second] = normalPair(next);
      spare = second;
      return first;
    },
    shuffle<Items extends Shuffled>(items: Items): Items {
      const slots: { [index: number]: unknown } = items;
      for (let last = items.length - 1; last > 0; last--) {
        const other = integer(last + 1);
        const kept = slots[last];
        slots[last] = slots[other];
        slots[other] = kept;
      }
      return items;
    },
    fork: (label) => random(hash(key, String(label))),
  };
}

/** Marsaglia's polar method: free of sine and cosine, whose last bit differs between engines. */
function normalPair(next: () => number): [number, number] {
  for (;;) {
    const x = 2 * next() - 1;
    const y = 2 * next() - 1;
    const square = x * x + y * y;
    if (square === 0 || square >= 1) continue;
    const factor = Math.sqrt((-2 * Math.log(square)) / square);
    return [x * factor, y * factor];
  }
}

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

/** The finaliser of MurmurHash3. */
function mix(word: number): number {
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) | 0;
}

function hash(key: number, text: string): number {
  let state = mix(key ^ text.length);
  for (let i = 0; i < text.length; i++) state = mix(Math.imul(state, 31) + text.charCodeAt(i));
  return state;
}
