import { isWrittenAsCode } from '../../plan/weights.ts';
import type { StageContext } from '../context.ts';
import { finish } from '../finish.ts';
import { lines } from '../text.ts';
import { sumBounds, sumTypeOf } from './products.ts';
import { foldedBias } from './weights.ts';
import { namedRows, rowFunction } from './window.ts';

/** Sums of three bytes that fit the registers of an AVR together. */
const MOST_SUMS = 4;

/** Whether an AVR runs a convolution's weights as code, where plain C reads them from a table. */
export function asCode(context: StageContext): boolean {
  const { stage } = context;
  return !stage.raw && isWrittenAsCode(stage) && sumTypeOf(context) === 'sum24';
}

/** The weights as code: an input is loaded once for several filters, each weight is a constant, zeros are not there. */
export function fromCode(context: StageContext): string {
  const { stage } = context;
  const { strideX, columns, kernelY } = stage.window!;
  const filters = Array.from({ length: stage.shape.channels }, (_, filter) => filter);
  const groups = filters.filter((filter) => filter % MOST_SUMS === 0).map((first) => filters.slice(first, first + MOST_SUMS));
  const rows = Array.from({ length: kernelY }, (_, ky) => ky);
  const isRead = (ky: number) => groups.some((group) => rowCode(context, group, ky) !== '');
  const body = lines(
    0,
    namedRows(context),
    ...rows.map((ky) => !isRead(ky) && `(void)row${ky};`),
    `for (unsigned x = 0; x < ${columns}; ++x) {`,
    ...groups.map((group) => lines(1, '{', lines(1, sumUp(context, group)), '}')),
    ...rows.map((ky) => isRead(ky) && `    row${ky} += ${strideX * stage.inputShapes[0].channels};`),
    `}`,
  );
  return rowFunction(context, body);
}

function sumUp(context: StageContext, group: readonly number[]): string {
  const { stage, inputs } = context;
  const bias = foldedBias(context);
  const sums = group.map((_, i) => `, sum${i}`).join('');
  const rows = Array.from({ length: stage.window!.kernelY }, (_, ky) => ({ ky, code: rowCode(context, group, ky) }));
  return lines(
    0,
    ...group.map((filter, i) => `sum24 sum${i} = ${bias[filter]};`),
    ...rows
      .filter(({ code }) => code)
      .map(({ ky, code }) =>
        lines(0, '{', `    const ${inputs[0].type} *in = row${ky};`, `    SUM_${group.length}(${code}, in${sums});`, '}'),
      ),
    ...group.map((filter, i) =>
      lines(
        0,
        '{',
        lines(1, `const sum24 sum = sum${i};`, finish(stage, String(stage.rescale!.multipliers[filter]), sumBounds(context))),
        '}',
      ),
    ),
  );
}

/** Loads the taps of a kernel row one by one, the last that is needed included, and adds each to the sums that it has a weight for. */
function rowCode(context: StageContext, group: readonly number[], ky: number): string {
  const { stage, inputs } = context;
  const { kernelX, kernelY } = stage.window!;
  const length = kernelX * stage.inputShapes[0].channels;
  const sign = inputs[0].nonNegative ? '' : '_SIGNED';
  const taps = Array.from({ length }, (_, at) =>
    group.flatMap((filter, i) => {
      const weight = stage.weights!.weight[(filter * kernelY + ky) * length + at];
      return weight === 0 ? [] : [`${weight > 0 ? 'PLUS' : 'MINUS'}${sign}(${i}, ${Math.abs(weight)})`];
    }),
  );
  const last = taps.findLastIndex((each) => each.length > 0);
  return taps
    .slice(0, last + 1)
    .map((each) => `\n    NEXT ${each.join(' ')}`.trimEnd())
    .join('');
}

/** What weights as code are written with, as far as `code` uses it. */
export function codeMacros(code: string): string | undefined {
  const used = [1, 2, 3, 4].filter((count) => code.includes(`SUM_${count}(`));
  if (used.length === 0) return undefined;
  const operands = (count: number) => Array.from({ length: count }, (_, i) => i);
  return [
    '#if defined(__AVR_HAVE_MUL__) && !defined(SPARSE_PLAIN_C)',
    '#define WEIGHTS_AS_CODE',
    '/* The next tap is multiplied by constants and added to sums, or taken from them. */',
    '#define NEXT "ld %[tap], %a[in]+\\n\\t"',
    ...PRODUCTS.filter(({ name }) => code.includes(`${name}(`)).map(({ text }) => text),
    ...used.map((count) =>
      [
        `#define SUM_${count}(code, in_${operands(count)
          .map((i) => `, sum${i}_`)
          .join('')}) do { \\`,
        `    uint8_t tap_, weight_, zero_; \\`,
        `    __asm__ volatile("clr %[zero]\\n\\t" code "clr r1" \\`,
        `        : ${operands(count)
          .map((i) => `[sum${i}] "+r"(sum${i}_)`)
          .join(', ')}, \\`,
        `          [in] "+x"(in_), [tap] "=&a"(tap_), [weight] "=&a"(weight_), [zero] "=&r"(zero_) : : "memory"); \\`,
        `} while (0)`,
      ].join('\n'),
    ),
    '#endif',
  ].join('\n');
}

const addition = (name: string, multiply: string, operations: readonly string[]) => ({
  name,
  text:
    `#define ${name}(sum, by) "ldi %[weight], " #by "\\n\\t${multiply}\\n\\t" \\\n    ` +
    operations.map((operation) => `"${operation}\\n\\t"`).join(' '),
});

const ADD = ['add %A[sum" #sum "], r0', 'adc %B[sum" #sum "], r1', 'adc %C[sum" #sum "], %[zero]'];
const SUBTRACT = ['sub %A[sum" #sum "], r0', 'sbc %B[sum" #sum "], r1', 'sbc %C[sum" #sum "], %[zero]'];

/** Of taps that are never negative the product is one without sign; the sign of the others is in the carry. */
const PRODUCTS = [
  addition('PLUS', 'mul %[weight], %[tap]', ADD),
  addition('MINUS', 'mul %[weight], %[tap]', SUBTRACT),
  addition('PLUS_SIGNED', 'mulsu %[tap], %[weight]', ['sbc %C[sum" #sum "], %[zero]', ...ADD]),
  addition('MINUS_SIGNED', 'mulsu %[tap], %[weight]', ['adc %C[sum" #sum "], %[zero]', ...SUBTRACT]),
];
