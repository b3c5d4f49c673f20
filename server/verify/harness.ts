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

/** A program for the host that runs one sample and writes, for each call of a probe, the stage, the number of bytes and the bytes. */
export const probeHarness = (name: string): string => `#include <stdio.h>
#include "${name}.h"

static ${name}_state state;
static uint8_t sample[${name.toUpperCase()}_INPUT_HEIGHT * ${name.toUpperCase()}_INPUT_WIDTH * ${name.toUpperCase()}_INPUT_CHANNELS];

void sparse_probe(unsigned stage, const void *from, unsigned bytes)
{
    const uint8_t head[8] = { (uint8_t)stage, (uint8_t)(stage >> 8), 0, 0, (uint8_t)bytes, (uint8_t)(bytes >> 8), (uint8_t)(bytes >> 16), 0 };
    fwrite(head, 1, sizeof head, stdout);
    fwrite(from, 1, bytes, stdout);
}

int main(void)
{
    if (fread(sample, sizeof sample, 1, stdin) == 1)
        ${name}_run(&state, sample);
    return 0;
}
`;

/** Hands an input to the network, row by row or pixel by pixel, byte by byte from where the C expression `next` finds them. */
const deliver = ({ name }: Subject, next: string): string => {
  const upper = name.toUpperCase();
  const pushed = (unit: 'row' | 'pixel', times: string, bytes: string) => `        for (unsigned n = ${times}; n > 0; --n) {
            uint8_t *to = ${name}_next_${unit}(&state);
            for (unsigned i = 0; i < ${bytes}; ++i)
                to[i] = ${next};
            ${name}_push_${unit}(&state);
        }`;
  return `        ${name}_init(&state);
#ifdef ${upper}_PIXELS
${pushed('pixel', `${upper}_PIXELS`, `${upper}_PIXEL_BYTES`)}
#else
${pushed('row', `${upper}_INPUT_HEIGHT`, `${upper}_INPUT_WIDTH * ${upper}_INPUT_CHANNELS`)}
#endif`;
};

/**
 * A program for a simulated AVR, which needs no peripheral: reading GPIOR2 yields the next byte of the input, writing GPIOR1 hands out a byte
 * of the result (class, then logits), and GPIOR0 marks the begin (1) and the end (2) of an inference.
 */
export const avrHarness = (subject: Subject): string => `#include <avr/io.h>
#include "${subject.name}.h"

static ${subject.name}_state state;

static __attribute__((noinline)) void tell(int32_t logit)
{
${Array.from({ length: subject.logitBytes }, (_, byte) => `    GPIOR1 = (uint8_t)${byte ? `(logit >> ${8 * byte})` : 'logit'};`).join('\n')}
}

int main(void)
{
    for (;;) {
        GPIOR0 = 1;
${deliver(subject, 'GPIOR2')}
        GPIOR1 = ${subject.name}_result(&state);
        GPIOR0 = 2;
        for (unsigned i = 0; i < ${subject.logits}; ++i)
            tell(${subject.name}_logits(&state)[i]);
    }
}
`;

/** Where a program for a simulated Arm core finds its input and leaves what it tells: behind the RAM of the chip, so that it counts for nothing. */
export const ARM_MAILBOX = { address: 0x20020000, bytes: 0x22000, sampleAt: 64 } as const;

/**
 * A program for a simulated Arm core, start-up code included. It asks its host by semihosting (files `samples` and `answers`) and reads the
 * down-counter of a CMSDK timer. For each sample it writes a word with the class, one with the counts that passed, and the logits; at the
 * end a word with the bytes of stack that are no longer painted.
 */
export const armHarness = (subject: Subject): string => `#include "${subject.name}.h"

#define TIMER ((volatile uint32_t *)0x40000000)
#define MAILBOX ((volatile uint32_t *)${ARM_MAILBOX.address})
#define SAMPLE ((uint8_t *)${ARM_MAILBOX.address + ARM_MAILBOX.sampleAt})
#define PAINT 0xc5c5c5c5u
enum { SYS_OPEN = 1, SYS_WRITE = 5, SYS_READ = 6, SYS_EXIT = 24 };

extern uint32_t data_image[], data_begin[], data_end[], bss_end[], stack_end[];
int main(void);
static ${subject.name}_state state;

static __attribute__((noinline)) uint32_t host(uint32_t operation, uint32_t a, uint32_t b, uint32_t c)
{
    register uint32_t r0 __asm__("r0") = operation;
    register volatile uint32_t *r1 __asm__("r1") = MAILBOX + 4;
    r1[0] = a, r1[1] = b, r1[2] = c;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static void stop(void)
{
    register uint32_t r0 __asm__("r0") = SYS_EXIT;
    register uint32_t r1 __asm__("r1") = 0x20026;
    for (;;)
        __asm__ volatile("bkpt 0xab" : : "r"(r0), "r"(r1));
}

/* Stack that is painted before anything uses it; what the linker put into flash for the RAM. */
static __attribute__((noreturn)) void reset(void)
{
    register uint32_t *sp __asm__("sp");
    for (volatile uint32_t *to = bss_end; to < sp; ++to)
        *to = PAINT;
    const uint32_t *from = data_image;
    for (volatile uint32_t *to = data_begin; to < data_end; ++to)
        *to = *from++;
    for (volatile uint32_t *to = data_end; to < bss_end; ++to)
        *to = 0;
    main();
    stop();
    for (;;) {}
}

/* A fault ends the program with too few answers. */
__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    stack_end, reset, stop, stop, stop, stop, stop, stop, stop, stop, stop, stop, stop, stop, stop, stop,
};

int main(void)
{
    const uint32_t samples = host(SYS_OPEN, (uint32_t) "samples", 1, 7);
    const uint32_t answers = host(SYS_OPEN, (uint32_t) "answers", 5, 7);
    TIMER[2] = TIMER[1] = 0xffffffffu;
    TIMER[0] = 1;
    while (host(SYS_READ, samples, (uint32_t)SAMPLE, ${subject.sampleBytes}) == 0) {
        const volatile uint8_t *input = SAMPLE; /* else the compiler would call its library to copy */
        MAILBOX[1] = TIMER[1];
${deliver(subject, '*input++')}
        MAILBOX[0] = ${subject.name}_result(&state);
        MAILBOX[1] = MAILBOX[1] - TIMER[1];
        host(SYS_WRITE, answers, (uint32_t)MAILBOX, 8);
        host(SYS_WRITE, answers, (uint32_t)${subject.name}_logits(&state), ${subject.logits * subject.logitBytes});
    }
    const uint32_t *deepest = bss_end;
    while (*deepest == PAINT)
        ++deepest;
    MAILBOX[0] = (uint32_t)(stack_end - deepest) * 4;
    host(SYS_WRITE, answers, (uint32_t)MAILBOX, 4);
    return 0;
}
`;
