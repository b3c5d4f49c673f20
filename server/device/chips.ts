import type { Architecture, Device } from './device.ts';

/**
 * AVR and Cortex-M from the counted cycles of one small network in specialised C; the others by analogy with their nearest kin.
 * Parts without a multiplier (ATtiny84/85, CH32V003) say so in their row.
 */
const CYCLES_PER_MAC = {
  avr: 25,
  'cortex-m0': 7,
  'cortex-m0plus': 7,
  'cortex-m3': 5,
  'cortex-m4': 4,
  'cortex-m7': 2,
  riscv32: 5,
} satisfies { [name in Exclude<Architecture, 'generic'>]: number };

/**
 * One row per chip, from the makers' data sheets. Where a part comes in several sizes the row names the size.
 * `clock` is that of the usual board or the internal oscillator, not the absolute maximum.
 */
export const chips: readonly Device[] = [
  row('attiny84', 'ATtiny84', 'avr', 512, 8, 8, { cyclesPerMac: 60 }),
  row('attiny85', 'ATtiny85', 'avr', 512, 8, 8, { cyclesPerMac: 60 }),
  row('attiny1614', 'ATtiny1614', 'avr', 2 * 1024, 16, 20),
  row('attiny1616', 'ATtiny1616', 'avr', 2 * 1024, 16, 20),
  row('attiny3216', 'ATtiny3216', 'avr', 2 * 1024, 32, 20),
  row('attiny3217', 'ATtiny3217', 'avr', 2 * 1024, 32, 20),
  row('atmega8', 'ATmega8', 'avr', 1024, 8, 16),
  row('atmega168p', 'ATmega168P', 'avr', 1024, 16, 16),
  row('atmega328', 'ATmega328', 'avr', 2 * 1024, 32, 16),
  row('atmega328p', 'ATmega328P', 'avr', 2 * 1024, 32, 16),
  row('atmega32u4', 'ATmega32U4', 'avr', 2560, 32, 16),
  row('atmega644p', 'ATmega644P', 'avr', 4 * 1024, 64, 16),
  row('atmega1284p', 'ATmega1284P', 'avr', 16 * 1024, 128, 16),
  row('atmega2560', 'ATmega2560', 'avr', 8 * 1024, 256, 16),
  row('atmega4809', 'ATmega4809', 'avr', 6 * 1024, 48, 16),
  row('lpc810', 'LPC810', 'cortex-m0plus', 1024, 4, 30),
  row('lpc1114', 'LPC1114', 'cortex-m0', 8 * 1024, 32, 50),
  row('nrf51822', 'nRF51822', 'cortex-m0', 16 * 1024, 256, 16),
  row('stm32f030f4', 'STM32F030F4', 'cortex-m0', 4 * 1024, 16, 48),
  row('stm32f030c6', 'STM32F030C6', 'cortex-m0', 4 * 1024, 32, 48),
  row('stm32f030c8', 'STM32F030C8', 'cortex-m0', 8 * 1024, 64, 48),
  row('stm32g030f6', 'STM32G030F6', 'cortex-m0plus', 8 * 1024, 32, 64),
  row('stm32l011f4', 'STM32L011F4', 'cortex-m0plus', 2 * 1024, 16, 32),
  row('stm32l031k6', 'STM32L031K6', 'cortex-m0plus', 8 * 1024, 32, 32),
  row('stm32l053c8', 'STM32L053C8', 'cortex-m0plus', 8 * 1024, 64, 32),
  row('samd21g18', 'SAM D21G18', 'cortex-m0plus', 32 * 1024, 256, 48),
  row('rp2040', 'RP2040', 'cortex-m0plus', 264 * 1024, 2048, 125),
  row('stm32f100rb', 'STM32F100RB', 'cortex-m3', 8 * 1024, 128, 24),
  row('stm32f103c8', 'STM32F103C8', 'cortex-m3', 20 * 1024, 64, 72),
  row('stm32f103cb', 'STM32F103CB', 'cortex-m3', 20 * 1024, 128, 72),
  row('nrf52832', 'nRF52832', 'cortex-m4', 64 * 1024, 512, 64),
  row('nrf52840', 'nRF52840', 'cortex-m4', 256 * 1024, 1024, 64),
  row('stm32f303k8', 'STM32F303K8', 'cortex-m4', 16 * 1024, 64, 72),
  row('stm32f401ce', 'STM32F401CE', 'cortex-m4', 96 * 1024, 512, 84),
  row('stm32f411ce', 'STM32F411CE', 'cortex-m4', 128 * 1024, 512, 100),
  row('stm32f746zg', 'STM32F746ZG', 'cortex-m7', 320 * 1024, 1024, 216),
  row('ch32v003', 'CH32V003', 'riscv32', 2 * 1024, 16, 48, { cyclesPerMac: 40, gccFlags: ['-march=rv32ec', '-mabi=ilp32e'] }),
  row('gd32vf103cb', 'GD32VF103CB', 'riscv32', 32 * 1024, 128, 108, { gccFlags: ['-march=rv32imac', '-mabi=ilp32'] }),
  row('esp32c3', 'ESP32-C3', 'riscv32', 400 * 1024, 4096, 160, { gccFlags: ['-march=rv32imc', '-mabi=ilp32'] }),
];

function row(
  id: string,
  name: string,
  architecture: Exclude<Architecture, 'generic'>,
  ramBytes: number,
  flashKilobytes: number,
  clockMegahertz: number,
  special: { cyclesPerMac?: number; gccFlags?: readonly string[] } = {},
): Device {
  return {
    id,
    name,
    architecture,
    ramBytes,
    flashBytes: flashKilobytes * 1024,
    clockHz: clockMegahertz * 1e6,
    wordBits: architecture === 'avr' ? 8 : 32,
    cyclesPerMac: special.cyclesPerMac ?? CYCLES_PER_MAC[architecture],
    gccFlags: special.gccFlags ?? gccFlags(id, architecture),
  };
}

function gccFlags(id: string, architecture: Architecture): readonly string[] {
  return architecture === 'avr' ? [`-mmcu=${id}`] : [`-mcpu=${architecture}`, '-mthumb'];
}
