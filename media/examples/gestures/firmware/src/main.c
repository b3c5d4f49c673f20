/*
 * Names gestures on an ATtiny85 with an analog accelerometer (ADXL335 at 3 V: 0 g is half the supply, 1 g a tenth of it).
 * x on ADC1 (PB2), y on ADC3 (PB3), z on ADC2 (PB4); a LED on PB0 blinks once for the first class, twice for the second, and so on.
 *
 * gestures.h and gestures.c come from `sparse search gestures.sparse.yaml`, which writes them to lib/gestures. 50 samples a second go
 * straight into the network's state: no recording is kept.
 */
#include <avr/io.h>
#include <stdint.h>

#include "gestures.h"

#ifndef F_CPU
#define F_CPU 8000000UL
#endif
#define SAMPLES_PER_SECOND 50UL

#if GESTURES_INPUT_HEIGHT != 64 || GESTURES_INPUT_WIDTH != 1 || GESTURES_INPUT_CHANNELS != 3
#error "this program records 64 samples of three axes"
#endif

/* Counts of the converter per m/s2, and at 0. */
#define COUNTS (1024.0f / 10.0f / 9.81f)
#define MIDDLE 512.0f

static gestures_state state;

static uint16_t convert(uint8_t channel)
{
    ADMUX = channel;
    ADCSRA = (uint8_t)(ADCSRA | 1u << ADSC);
    while (ADCSRA & 1u << ADSC) {
    }
    return ADC;
}

/* A count as the byte that the network knows it by, in 24.8 fixed point; all that is floating is folded by the compiler. */
static uint8_t to_byte(uint16_t count, int32_t factor, int32_t zero)
{
    const int32_t value = (count * factor + zero) >> 8;
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static const float offset[] = GESTURES_INPUT_OFFSET;
static const float scale[] = GESTURES_INPUT_SCALE;
#define FACTOR(axis) ((int32_t)(256.0f / (COUNTS * scale[axis])))
#define ZERO(axis) ((int32_t)(-256.0f * (MIDDLE / COUNTS + offset[axis]) / scale[axis]) + 128)

static void sample(uint8_t *row)
{
    row[0] = to_byte(convert(1), FACTOR(0), ZERO(0));
    row[1] = to_byte(convert(3), FACTOR(1), ZERO(1));
    row[2] = to_byte(convert(2), FACTOR(2), ZERO(2));
}

/* Until the timer has counted so many fiftieths of a second since it was last asked. */
static void pause(uint8_t fiftieths)
{
    while (fiftieths > 0) {
        if (TIFR & 1u << OCF1A) {
            TIFR = 1u << OCF1A;
            --fiftieths;
        }
    }
}

int main(void)
{
    DDRB = 1u << PB0;
    ADCSRA = 1u << ADEN | 1u << ADPS2 | 1u << ADPS1;
    /* Timer 1 at F_CPU / 1024, from 0 to OCR1C. */
    OCR1C = OCR1A = (uint8_t)(F_CPU / 1024 / SAMPLES_PER_SECOND - 1);
    TCCR1 = 1u << CTC1 | 1u << CS13 | 1u << CS11 | 1u << CS10;
    for (;;) {
        gestures_init(&state);
        for (uint8_t i = 0; i < GESTURES_INPUT_HEIGHT; ++i) {
            pause(1);
            sample(gestures_next_row(&state));
            gestures_push_row(&state);
        }
        for (uint8_t blinks = (uint8_t)(gestures_result(&state) + 1); blinks > 0; --blinks) {
            PORTB = 1u << PB0;
            pause(8);
            PORTB = 0;
            pause(12);
        }
    }
}
