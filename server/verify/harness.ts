import type { QuantizedNetwork } from '../quantize/network.ts';

/** What a harness needs to know of the generated code. */
export type Subject = { readonly name: string; readonly sampleBytes: number; readonly logits: number; readonly logitBytes: 1 | 4 };

export function subjectOf(name: string, network: QuantizedNetwork): Subject {
  const { height, width, channels } = network.input.shape;
  const last = network.stages[network.stages.length - 1];
  const logits = last.shape.height * last.shape.width * last.shape.channels;
  return { name, sampleBytes: height * width * channels, logits, logitBytes: last.raw ? 4 : 1 };
}

/** A program for the host: samples on standard input, and for each its class (1 byte) and its logits (int32, native order) on standard output. */
export const hostHarness = ({ name }: Subject): string => `#include <stdio.h>
#include "${name}.h"

static ${name}_state state;
static uint8_t sample[${name.toUpperCase()}_INPUT_HEIGHT * ${name.toUpperCase()}_INPUT_WIDTH * ${name.toUpperCase()}_INPUT_CHANNELS];

int main(void)
{
    while (fread(sample, sizeof sample, 1, stdin) == 1) {
        const uint8_t class = ${name}_run(&state, sample);
        fwrite(&class, 1, 1, stdout);
        for (unsigned i = 0; i < ${name.toUpperCase()}_CLASSES; ++i) {
            const int32_t logit = ${name}_logits(&state)[i];
            fwrite(&logit, sizeof logit, 1, stdout);
        }
    }
    return 0;
}
`;

/**
 * A program for a simulated AVR, which needs no peripheral: reading GPIOR2 yields the next byte of the input, writing GPIOR1 hands out a byte
 * of the result (class, then logits), and GPIOR0 marks the begin (1) and the end (2) of an inference.
 */
export const avrHarness = ({ name, logits, logitBytes }: Subject): string => `#include <avr/io.h>
#include "${name}.h"

static ${name}_state state;

int main(void)
{
    for (;;) {
        GPIOR0 = 1;
        ${name}_init(&state);
        for (unsigned y = 0; y < ${name.toUpperCase()}_INPUT_HEIGHT; ++y) {
            uint8_t *row = ${name}_next_row(&state);
            for (unsigned i = 0; i < ${name.toUpperCase()}_INPUT_WIDTH * ${name.toUpperCase()}_INPUT_CHANNELS; ++i)
                row[i] = GPIOR2;
            ${name}_push_row(&state);
        }
        GPIOR1 = ${name}_result(&state);
        GPIOR0 = 2;
        const uint8_t *bytes = (const uint8_t *)${name}_logits(&state);
        for (unsigned i = 0; i < ${logits * logitBytes}; ++i)
            GPIOR1 = bytes[i];
    }
}
`;
