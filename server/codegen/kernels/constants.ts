import { isConstant } from '../../plan/weights.ts';
import type { StageContext } from '../context.ts';
import { finishLiteral } from '../finish.ts';
import { largestTap, type Range, rangeOf } from '../range.ts';
import { lines } from '../text.ts';
import { sumTypeOf } from './products.ts';
import { foldedBias } from './weights.ts';
import { namedRows, rowFunction } from './window.ts';

/** Sums that a small core keeps in registers together. */
const MOST_SUMS = 4;

/** Whether plain C has the weights of a convolution as constants. */
export const asConstants = ({ stage, leastFlash }: StageContext): boolean =>
  !leastFlash && isConstant(stage, stage.weights?.weight.reduce((count, weight) => count + Number(weight !== 0), 0) ?? 0);

/** Taps are loaded two at a time, each pair once for several filters; zeros are not there. */
export function fromConstants(context: StageContext): string {
  const { stage } = context;
  const { strideX, columns, kernelY } = stage.window!;
  const filters = Array.from({ length: stage.shape.channels }, (_, filter) => filter);
  const groups = filters.filter((filter) => filter % MOST_SUMS === 0).map((first) => filters.slice(first, first + MOST_SUMS));
  const code = groups.map((group) => sumUp(context, group));
  const rows = Array.from({ length: kernelY }, (_, ky) => ky);
  const isRead = (ky: number) => code.some((each) => each.includes(`row${ky}[`));
  const body = lines(
    0,
    namedRows(context),
    ...rows.map((ky) => !isRead(ky) && `(void)row${ky};`),
    `for (uint_fast8_t x = 0; x < ${columns}; ++x) {`,
    ...code.map((each) => lines(1, '{', lines(1, each), '}')),
    ...rows.map((ky) => isRead(ky) && `    row${ky} += ${strideX * stage.inputShapes[0].channels};`),
    `}`,
  );
  return rowFunction(context, body);
}

function sumUp(context: StageContext, group: readonly number[]): string {
  const { stage } = context;
  const bias = foldedBias(context);
  const taps = tapsOf(context, group);
  const pairs = taps.filter((_, i) => i % 2 === 0).map((tap, i) => [tap, taps[2 * i + 1]] as const);
  return lines(
    0,
    ...group.map((filter, i) => `${sumTypeOf(context)} sum${i} = ${bias[filter]};`),
    ...pairs.map(([first, second]) => pairCode(context, first, second)),
    ...group.map((filter, i) => finishLiteral(stage, `sum${i}`, filter, sumRange(context, filter))),
  );
}

/** C of an input element, and the weight that each filter of the group has for it. */
type Tap = { readonly element: string; readonly weights: readonly number[] };

/** The taps that any filter of the group has a weight for. */
function tapsOf({ stage }: StageContext, group: readonly number[]): Tap[] {
  const { kernelY, kernelX, dilationX } = stage.window!;
  const channels = stage.inputShapes[0].channels;
  const length = kernelX * channels;
  return Array.from({ length: kernelY * length }, (_, at) => {
    const [ky, i] = [Math.floor(at / length), at % length];
    const place = Math.floor(i / channels) * dilationX * channels + (i % channels);
    const weights = group.map((filter) => stage.weights!.weight[filter * kernelY * length + at]);
    return { element: `row${ky}[${place}]`, weights };
  }).filter(({ weights }) => weights.some((weight) => weight !== 0));
}

/** Two taps times the weights of every filter; an odd last one goes with itself and zeros. */
function pairCode({ inputs: [input] }: StageContext, first: Tap, second: Tap = { ...first, weights: first.weights.map(() => 0) }): string {
  // A byte that is never negative loads faster as one without sign.
  const type = input.nonNegative ? 'uint8_t' : 'int8_t';
  const weights = first.weights.map((weight, i) => `${weight}, ${second.weights[i]}`);
  const reach = largestTap(input, 0);
  return `ADD_PAIR_${weights.length}(${[type, reach, first.element, second.element, ...weights].join(', ')});`;
}

/** What the sum of a filter can be. */
function sumRange(context: StageContext, filter: number): Range {
  const { weight } = context.stage.weights!;
  const each = weight.length / context.stage.shape.channels;
  return rangeOf(context.inputs[0], foldedBias(context)[filter], weight.subarray(filter * each, (filter + 1) * each));
}

/** What constants are written with, as far as `code` uses it. */
export function constantMacros(code: string): string | undefined {
  const groups = [1, 2, 3, 4].filter((count) => code.includes(`ADD_PAIR_${count}(`));
  return groups.length === 0 ? undefined : [MACROS, ...groups.map(pairMacro), '#endif'].join('\n');
}

/** Cores with few registers add one tap to all sums before they load the next; the others add pairs. */
function pairMacro(count: number): string {
  const each = Array.from({ length: count }, (_, i) => i);
  const join = (of: (i: number) => string) => each.map(of).join(' ');
  return [
    `#define ADD_PAIR_${count}(type, reach, p, q${join((i) => `, v${i}, w${i}`)}) do { \\`,
    `    TAKE_FIRST(type, p, q); \\`,
    `    ${join((i) => `ADD_FIRST(reach, sum${i}, v${i}, w${i});`)} \\`,
    `    TAKE_SECOND(type, q); \\`,
    `    ${join((i) => `ADD_SECOND(sum${i}, w${i});`)} \\`,
    `} while (0)`,
  ].join('\n');
}

const MACROS = `/* Two taps, which reach no farther than \`reach\`, are added to several sums, times constants. Zeros cost nothing. */
#if !defined(__AVR__) || (defined(__AVR_HAVE_MUL__) && defined(SPARSE_PLAIN_C))
#define WEIGHTS_AS_CONSTANTS
#if defined(__AVR__)
typedef int8_t constant_type;
#else
typedef int32_t constant_type;
#endif
#if defined(__GNUC__)
/* Each constant in its place: compilers would shift for some, and keep others for long in registers that they do not have. */
static inline constant_type constant(constant_type value)
{
    __asm__ volatile("" : "+r"(value));
    return value;
}
#else
#define constant(value) (value)
#endif
#if defined(__AVR__)
#define FIT(reach, v, w) ((((v) < 0 ? -(v) : (v)) + ((w) < 0 ? -(w) : (w))) * (int32_t)(reach) < 32768)
#define TAKE_FIRST(type, p, q) const type a = (type)(p), b = (type)(q)
#define ADD_FIRST(reach, sum, v, w) do { \\
    if ((v) != 0 && (w) != 0 && FIT(reach, v, w)) \\
        sum += (int16_t)((int16_t)(a * constant(v)) + (int16_t)(b * constant(w))); \\
    else { \\
        if ((v) != 0) sum += (int16_t)(a * constant(v)); \\
        if ((w) != 0) sum += (int16_t)(b * constant(w)); \\
    } \\
} while (0)
#define TAKE_SECOND(type, q) (void)b
#define ADD_SECOND(sum, w)
#elif defined(__ARM_FEATURE_DSP)
#define TAKE_FIRST(type, p, q) const int16x2_t ab = (int16x2_t)((uint16_t)(type)(p) | (uint32_t)(type)(q) << 16)
#define ADD_FIRST(reach, sum, v, w) if ((v) != 0 || (w) != 0) sum = __smlad(ab, (int16x2_t)((uint16_t)(v) | (uint32_t)(w) << 16), sum)
#define TAKE_SECOND(type, q)
#define ADD_SECOND(sum, w)
#else
#define ADD(sum, v) if ((v) > 0) sum += a * constant(v); else if ((v) < 0) sum -= a * constant(-(v))
#define TAKE_FIRST(type, p, q) int32_t a = (type)(p)
#define ADD_FIRST(reach, sum, v, w) ADD(sum, v)
#define TAKE_SECOND(type, q) a = (type)(q)
#define ADD_SECOND(sum, w) ADD(sum, w)
#endif`;
