/**
 * The C of sums of products, with a twin in AVR assembly that gives the same bits: `ADD_TAPS`, `ADD_ROUNDS` and `ADD_RUN` as `kernels/products.ts`
 * writes them. avr-gcc needs 22 cycles and more for a tap, the assembly 11. Only what `code` uses is defined.
 */
export function sums(code: string): string | undefined {
  if (!code.includes('sum24')) return undefined;
  const taps = [...new Set([...code.matchAll(/sum, in, w, (\d+)/g)].map(([, count]) => Number(count)))].sort((a, b) => a - b);
  const kinds = (['U8', 'I8', 'Z8'] as const).filter((kind) => code.includes(`(${kind}, `));
  const used = (macro: string) => code.includes(`${macro}(`);
  const products = kinds.length > 0;
  return [
    `/* Sums that the weights as they are keep within 24 bits. */`,
    `#if defined(__AVR__) && defined(__GNUC__)`,
    `__extension__ typedef __int24 sum24;`,
    `#else`,
    `typedef int32_t sum24;`,
    `#endif`,
    ...(products
      ? [
          ``,
          AVR,
          PRODUCT_OF,
          ...kinds.map((kind) => KINDS[kind]),
          ...tapsOf(used('ADD_TAPS') || used('ADD_ROUNDS') || used('ADD_WINDOW') ? taps : []),
          SUM_UP,
        ]
      : []),
    ...MACROS.filter(({ name }) => used(name)).map(({ avr }) => avr),
    ...(products ? [`#else`] : []),
    ...(used('ADD_TAPS') || used('ADD_ROUNDS') ? [...kinds.map((kind) => PLAIN_KINDS[kind]), ADD_TWO, ...taps.map(sumOf)] : []),
    ...MACROS.filter(({ name }) => used(name) || (name === 'ADD_TAPS' && used('ADD_ROUNDS'))).map(({ plain }) => plain),
    ...(used('ADD_TO_TWO') ? [`#if !defined(__AVR__)`, ...kinds.map((kind) => KINDS_OF_FOUR[kind]), ADD_TO_TWO, '#endif'] : []),
    ...(products ? [`#endif`] : []),
  ].join('\n');
}

/** With SPARSE_PLAIN_C defined an AVR takes the plain C as well. */
const AVR = '#if defined(__AVR_HAVE_MUL__) && !defined(SPARSE_PLAIN_C)';

const PRODUCT_OF = `/* The product in r1:r0, its sign in the carry, is added to a sum of three bytes. */
#define PRODUCT_ADDED "sbc %C[sum], %[zero]\\n\\tadd %A[sum], r0\\n\\tadc %B[sum], r1\\n\\tadc %C[sum], %[zero]\\n\\t"`;

const KINDS = {
  U8: `#define MULTIPLY_U8 "mulsu %[weight], %[tap]\\n\\t" PRODUCT_ADDED\n#define FROM_U8(zero_point) "n"(0)`,
  I8: `#define MULTIPLY_I8 "muls %[weight], %[tap]\\n\\t" PRODUCT_ADDED\n#define FROM_I8(zero_point) "n"(0)`,
  Z8:
    `#define MULTIPLY_Z8 "mulsu %[weight], %[tap]\\n\\t" PRODUCT_ADDED "mulsu %[weight], %[from]\\n\\t" \\\n` +
    `    "adc %C[sum], %[zero]\\n\\tsub %A[sum], r0\\n\\tsbc %B[sum], r1\\n\\tsbc %C[sum], %[zero]\\n\\t"\n` +
    `#define FROM_Z8(zero_point) "a"((uint8_t)(zero_point))`,
} as const;

const tapsOf = (counts: readonly number[]): string[] =>
  counts.length === 0
    ? []
    : [
        '#define TAP(multiply) "ld %[tap], %a[in]+\\n\\tlpm %[weight], %a[table]+\\n\\t" multiply',
        ...counts.map((count) => `#define TAPS_${count}(multiply) ${Array(count).fill('TAP(multiply)').join(' ')}`),
      ];

const SUM_UP = `#define SUM_UP(code, from_, sum_, in_, table_, rounds_) do { \\
    uint8_t n_ = (uint8_t)(rounds_), tap_, zero_; \\
    int8_t weight_; \\
    __asm__ volatile("clr %[zero]\\n\\t" code "clr r1" \\
        : [sum] "+r"(sum_), [in] "+x"(in_), [table] "+z"(table_), [n] "+r"(n_), \\
          [tap] "=&a"(tap_), [weight] "=&a"(weight_), [zero] "=&r"(zero_) \\
        : [from] from_ : "memory"); \\
} while (0)`;

/** Two products of signed bytes fit 16 bits together, those of others do not. */
const PLAIN_KINDS = {
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
    avr: `#define ADD_TAPS(kind, zero_point, sum, in, table, taps) \\
    SUM_UP(TAPS_##taps(MULTIPLY_##kind), FROM_##kind(zero_point), sum, in, table, 0)`,
    plain: '#define ADD_TAPS(kind, zero_point, sum, in, table, taps) ADD_##taps##_TAPS(kind, zero_point, sum, in, table)',
  },
  {
    name: 'ADD_ROUNDS',
    avr: `#define ADD_ROUNDS(kind, zero_point, sum, in, table, taps, rounds) \\
    SUM_UP("1:\\n\\t" TAPS_##taps(MULTIPLY_##kind) "dec %[n]\\n\\tbrne 1b\\n\\t", FROM_##kind(zero_point), sum, in, table, rounds)`,
    plain: `#define ADD_ROUNDS(kind, zero_point, sum, in, table, taps, rounds) do { \\
    for (unsigned n_ = rounds; n_ > 0; --n_) \\
        ADD_TAPS(kind, zero_point, sum, in, table, taps); \\
} while (0)`,
  },
  {
    // Rows of `pixels` times `taps` inputs that lie in a ring, of `size` bytes before `end`, with `step` bytes from the end of one to the next.
    name: 'ADD_WINDOW',
    avr: `#define ADD_WINDOW(kind, zero_point, sum_, in_, table_, taps, pixels, rows, step, end_, size) do { \\
    uint8_t n_, rows_ = (rows), tap_, zero_; \\
    int8_t weight_; \\
    __asm__ volatile("clr %[zero]\\n" \\
        "1:\\n\\tldi %[n], %[columns]\\n" \\
        "2:\\n\\t" TAPS_##taps(MULTIPLY_##kind) \\
        "cp %A[in], %A[end]\\n\\tcpc %B[in], %B[end]\\n\\tbrne 3f\\n\\tsubi %A[in], lo8(%[bytes])\\n\\tsbci %B[in], hi8(%[bytes])\\n" \\
        "3:\\n\\tdec %[n]\\n\\tbrne 2b\\n\\t" \\
        "subi %A[in], lo8(-(%[skip]))\\n\\tsbci %B[in], hi8(-(%[skip]))\\n\\t" \\
        "cp %A[in], %A[end]\\n\\tcpc %B[in], %B[end]\\n\\tbrlo 4f\\n\\tsubi %A[in], lo8(%[bytes])\\n\\tsbci %B[in], hi8(%[bytes])\\n" \\
        "4:\\n\\tdec %[rows_left]\\n\\tbrne 1b\\n\\tclr r1" \\
        : [sum] "+r"(sum_), [in] "+x"(in_), [table] "+z"(table_), [n] "=&d"(n_), [rows_left] "+r"(rows_), \\
          [tap] "=&a"(tap_), [weight] "=&a"(weight_), [zero] "=&r"(zero_) \\
        : [end] "r"(end_), [columns] "n"(pixels), [skip] "n"(step), [bytes] "n"(size), [from] FROM_##kind(zero_point) : "memory"); \\
} while (0)`,
    plain: `#define ADD_WINDOW(kind, zero_point, sum, in, table, taps, pixels, rows, step, end, size) do { \\
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
    avr: `#define ADD_RUN(kind, zero_point, sum, in, run) \\
    SUM_UP("lpm %[n], %a[table]+\\n\\ttst %[n]\\n\\tbreq 2f\\n1:\\n\\tlpm %[weight], %a[table]+\\n\\t" \\
        "add %A[in], %[weight]\\n\\tadc %B[in], %[zero]\\n\\tld %[tap], %a[in]\\n\\tlpm %[weight], %a[table]+\\n\\t" \\
        MULTIPLY_##kind "dec %[n]\\n\\tbrne 1b\\n2:\\n\\t", FROM_##kind(zero_point), sum, in, run, 0)`,
    plain: `#define ADD_RUN(kind, zero_point, sum, in, run) \\
    do { \\
        for (uint_fast8_t n_ = READ_U8(run++); n_ > 0; --n_, run += 2) { \\
            in += READ_U8(run); \\
            sum += PRODUCT((*in - zero_point) * (int8_t)READ_U8(run + 1)); \\
        } \\
    } while (0)`,
  },
] as const;
