/** The C of sums of products: `ADD_TAPS`, `ADD_ROUNDS` and `ADD_RUN` as `kernels/products.ts` writes them. Only what `code` uses is defined. */
export function sums(code: string): string | undefined {
  if (!code.includes('sum24')) return undefined;
  const taps = [...new Set([...code.matchAll(/sum, in, w, (\d+)/g)].map(([, count]) => Number(count)))].sort((a, b) => a - b);
  const kinds = (['U8', 'I8', 'Z8'] as const).filter((kind) => code.includes(`(${kind}, `));
  const used = (macro: string) => code.includes(`${macro}(`);
  return [
    `/* Sums that the weights as they are keep within 24 bits. */`,
    `#if defined(__AVR__) && defined(__GNUC__)`,
    `__extension__ typedef __int24 sum24;`,
    `#else`,
    `typedef int32_t sum24;`,
    `#endif`,
    ...(used('ADD_TAPS') || used('ADD_ROUNDS') ? [...kinds.map((kind) => KINDS[kind]), ADD_TWO, ...taps.map(sumOf)] : []),
    ...MACROS.filter(({ name }) => used(name) || (name === 'ADD_TAPS' && used('ADD_ROUNDS'))).map(({ text }) => text),
    ...(used('ADD_TO_TWO') ? [`#if !defined(__AVR__)`, ...kinds.map((kind) => KINDS_OF_FOUR[kind]), ADD_TO_TWO, '#endif'] : []),
  ].join('\n');
}

/** Two products of signed bytes fit 16 bits together, those of others do not. */
const KINDS = {
  U8: '#define U8_PRODUCT(zero_point, in, w) PRODUCT(*in * READ_8(w))\n#define U8_PAIR 0',
  I8: '#define I8_PRODUCT(zero_point, in, w) PRODUCT(*in * READ_8(w))\n#define I8_PAIR 1',
  Z8: '#define Z8_PRODUCT(zero_point, in, w) PRODUCT((*in - (zero_point)) * READ_8(w))\n#define Z8_PAIR 0',
} as const;

/** So many products, written out. */
function sumOf(taps: number): string {
  const pairs = Array.from({ length: Math.floor(taps / 2) }, () => 'ADD_TWO(kind, zero_point, sum, in, w);');
  const last = taps % 2 ? ['ADD_ONE(kind, zero_point, sum, in, w);'] : [];
  return `#define ADD_${taps}_TAPS(kind, zero_point, sum, in, w) do { \\\n    ${[...pairs, ...last].join(' ')} \\\n} while (0)`;
}

const ADD_TWO = `#if defined(__AVR__) && defined(__GNUC__)
/* Pointers move one by one: there is no other way of addressing that is as fast. */
#define STEP(in, w) do { ++in, ++w; __asm__("" : "+x"(in), "+z"(w)); } while (0)
typedef int16_t two_products;
#else
#define STEP(in, w) (++in, ++w)
typedef int32_t two_products;
#endif
#define ADD_ONE(kind, zero_point, sum, in, w) do { sum += kind##_PRODUCT(zero_point, in, w); STEP(in, w); } while (0)
#define ADD_TWO(kind, zero_point, sum, in, w) do { \\
    if (kind##_PAIR) { \\
        two_products two_ = kind##_PRODUCT(zero_point, in, w); \\
        STEP(in, w); \\
        two_ = (two_products)(two_ + kind##_PRODUCT(zero_point, in, w)); \\
        STEP(in, w); \\
        sum += two_; \\
    } else { \\
        ADD_ONE(kind, zero_point, sum, in, w); \\
        ADD_ONE(kind, zero_point, sum, in, w); \\
    } \\
} while (0)`;

/** Each byte of a word as one of four halves: `EVEN` and `ODD` ones, as 16 bits each. */
const KINDS_OF_FOUR = {
  U8: '#define FOUR_U8(zero_point, word) __uxtb16(word)',
  I8: '#define FOUR_I8(zero_point, word) __sxtb16((int8x4_t)(word))',
  Z8: '#define FOUR_Z8(zero_point, word) __ssub16(__uxtb16(word), (int16x2_t)((uint32_t)(zero_point) << 16 | (zero_point)))',
} as const;

const ADD_TO_TWO = `#if defined(__ARM_FEATURE_DSP)
static inline uint32_t four(const void *from)
{
    uint32_t word;
    memcpy(&word, from, sizeof word);
    return word;
}
#define ADD_TO_TWO(kind, zero_point, sum0, sum1, in, w, apart, count) do { \\
    unsigned n_ = 0; \\
    for (; n_ + 4 <= (count); n_ += 4) { \\
        const uint32_t taps_ = four((in) + n_), w0_ = four((w) + n_), w1_ = four((w) + (apart) + n_); \\
        const int16x2_t even_ = (int16x2_t)FOUR_##kind(zero_point, taps_), odd_ = (int16x2_t)FOUR_##kind(zero_point, taps_ >> 8); \\
        sum0 = __smlad(odd_, __sxtb16((int8x4_t)(w0_ >> 8)), __smlad(even_, __sxtb16((int8x4_t)w0_), sum0)); \\
        sum1 = __smlad(odd_, __sxtb16((int8x4_t)(w1_ >> 8)), __smlad(even_, __sxtb16((int8x4_t)w1_), sum1)); \\
    } \\
    for (; n_ < (count); ++n_) { \\
        sum0 += ((in)[n_] - (zero_point)) * (w)[n_]; \\
        sum1 += ((in)[n_] - (zero_point)) * (w)[n_ + (apart)]; \\
    } \\
} while (0)
#else
#define ADD_TO_TWO(kind, zero_point, sum0, sum1, in, w, apart, count) do { \\
    const int8_t *const w_ = (w) + (apart); \\
    for (unsigned n_ = count; n_-- > 0;) { \\
        const int32_t tap_ = (in)[n_] - (zero_point); \\
        sum0 += tap_ * (w)[n_]; \\
        sum1 += tap_ * w_[n_]; \\
    } \\
} while (0)
#endif`;

const MACROS = [
  {
    name: 'ADD_TAPS',
    text: '#define ADD_TAPS(kind, zero_point, sum, in, table, taps) ADD_##taps##_TAPS(kind, zero_point, sum, in, table)',
  },
  {
    name: 'ADD_ROUNDS',
    text: `#define ADD_ROUNDS(kind, zero_point, sum, in, table, taps, rounds) do { \\
    for (unsigned n_ = rounds; n_ > 0; --n_) \\
        ADD_TAPS(kind, zero_point, sum, in, table, taps); \\
} while (0)`,
  },
  {
    // Rows of `pixels` times `taps` inputs that lie in a ring, of `size` bytes before `end`, with `step` bytes from the end of one to the next.
    name: 'ADD_WINDOW',
    text: `#define ADD_WINDOW(kind, zero_point, sum, in, table, taps, pixels, rows, step, end, size) do { \\
    for (uint_fast8_t rows_ = (rows); rows_ > 0; --rows_) { \\
        for (uint_fast8_t pixels_ = (pixels); pixels_ > 0; --pixels_) { \\
            for (uint_fast8_t n_ = taps; n_ > 0; --n_, ++in, ++table) \\
                sum += PRODUCT((*in - zero_point) * READ_8(table)); \\
            if (in == end) \\
                in -= size; \\
        } \\
        in = end - in > step ? in + step : in - (size - step); \\
    } \\
} while (0)`,
  },
  {
    name: 'ADD_RUN',
    text: `#define ADD_RUN(kind, zero_point, sum, in, run) \\
    do { \\
        for (uint_fast8_t n_ = READ_U8(run++); n_ > 0; --n_, run += 2) { \\
            in += READ_U8(run); \\
            sum += PRODUCT((*in - zero_point) * (int8_t)READ_U8(run + 1)); \\
        } \\
    } while (0)`,
  },
] as const;
