/*
 * Reads handwritten digits on an ATmega328P, row by row, and names them over the serial port (38400 baud, 8N1).
 *
 * After reset the sample below is classified and its digit printed on a line. Then the board asks for images: it sends '>' whenever it is
 * ready for a row, takes DIGITS_INPUT_WIDTH bytes (0 black to 255 white), and after the last row prints the digit on a line. A network that
 * was written for the least RAM (`prefer: ram` in its spec) takes a pixel at a time: then there is a '>' for each.
 *
 * digits.h and digits.c come from `sparse search digits.sparse.yaml`, which writes them to lib/digits.
 */
#include <avr/io.h>
#include <avr/pgmspace.h>
#include <stdint.h>

#include "digits.h"

#ifndef F_CPU
#define F_CPU 16000000UL
#endif
#define BAUD 38400UL

#if DIGITS_INPUT_HEIGHT != 28 || DIGITS_INPUT_WIDTH != 28 || DIGITS_INPUT_CHANNELS != 1 || DIGITS_CLASSES != 10
#error "this program reads images of 28x28 grey pixels and ten digits"
#endif

/* A pixel per character, so that the board can show what it does with nothing attached. */
static const char sample[DIGITS_INPUT_HEIGHT][DIGITS_INPUT_WIDTH + 1] PROGMEM = {
    "............................",
    "............................",
    "............................",
    "............................",
    "............................",
    ".............#########......",
    "............##########......",
    "............##....###.......",
    ".................###........",
    "................###.........",
    "...............###..........",
    "..............###...........",
    ".............###............",
    ".............###............",
    "............###.............",
    "............##..............",
    "...........###..............",
    "...........###..............",
    "...........##...............",
    "..........###...............",
    ".........###................",
    ".........##.................",
    "............................",
    "............................",
    "............................",
    "............................",
    "............................",
    "............................",
};

static digits_state state;

static void serial_begin(void)
{
    UBRR0 = (uint16_t)((F_CPU + 4UL * BAUD) / (8UL * BAUD) - 1UL);
    UCSR0A = (uint8_t)_BV(U2X0);
    UCSR0C = (uint8_t)(_BV(UCSZ01) | _BV(UCSZ00));
    UCSR0B = (uint8_t)(_BV(RXEN0) | _BV(TXEN0));
}

static void serial_write(uint8_t byte)
{
    while (!(UCSR0A & _BV(UDRE0))) {
    }
    UDR0 = byte;
}

static uint8_t serial_read(void)
{
    while (!(UCSR0A & _BV(RXC0))) {
    }
    return UDR0;
}

static void from_sample(uint8_t *pixels, uint8_t count, uint8_t y, uint8_t x)
{
    while (count-- > 0)
        *pixels++ = pgm_read_byte(&sample[y][x++]) == '#' ? 255 : 0;
}

static void from_serial(uint8_t *pixels, uint8_t count, uint8_t y, uint8_t x)
{
    (void)y, (void)x;
    serial_write('>');
    while (count-- > 0)
        *pixels++ = serial_read();
}

/* `read` gets so many pixels of a row, from column x on. */
static void classify(void (*read)(uint8_t *pixels, uint8_t count, uint8_t y, uint8_t x))
{
    digits_init(&state);
    for (uint8_t y = 0; y < DIGITS_INPUT_HEIGHT; y++) {
#ifdef DIGITS_PIXELS
        for (uint8_t x = 0; x < DIGITS_INPUT_WIDTH; x++) {
            read(digits_next_pixel(&state), 1, y, x);
            digits_push_pixel(&state);
        }
#else
        read(digits_next_row(&state), DIGITS_INPUT_WIDTH, y, 0);
        digits_push_row(&state);
#endif
    }
    serial_write((uint8_t)('0' + digits_result(&state)));
    serial_write('\n');
}

int main(void)
{
    serial_begin();
    classify(from_sample);
    for (;;)
        classify(from_serial);
}
