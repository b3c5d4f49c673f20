import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chips } from '../../server/device/chips.ts';
import { customDevice } from '../../server/device/device.ts';
import { findChip } from '../../server/device/find.ts';

test('every row is a chip', () => {
  for (const chip of chips) {
    assert.match(chip.id, /^[a-z][a-z0-9]+$/);
    assert.equal(chip.name.toLowerCase().replaceAll(/[^a-z0-9]/g, ''), chip.id);
    assert.ok(chip.ramBytes >= 512 && Number.isInteger(chip.ramBytes / 128), chip.id);
    assert.ok(chip.flashBytes > chip.ramBytes && chip.flashBytes % 1024 === 0, chip.id);
    assert.ok(chip.clockHz >= 1e6 && chip.clockHz <= 1e9, chip.id);
    assert.equal(chip.wordBits, chip.architecture === 'avr' ? 8 : 32);
    assert.ok(chip.cyclesPerMac >= 1 && chip.gccFlags.length > 0, chip.id);
  }
  assert.equal(new Set(chips.map(({ id }) => id)).size, chips.length);
});

test('the chips that the project proves itself on', () => {
  const sizes = (name: string) => {
    const chip = findChip(name)!;
    return [chip.ramBytes, chip.flashBytes, chip.clockHz, ...chip.gccFlags];
  };
  assert.deepEqual(sizes('atmega328p'), [2048, 32768, 16e6, '-mmcu=atmega328p']);
  assert.deepEqual(sizes('attiny85'), [512, 8192, 8e6, '-mmcu=attiny85']);
  assert.deepEqual(sizes('atmega2560'), [8192, 262144, 16e6, '-mmcu=atmega2560']);
  assert.deepEqual(sizes('rp2040'), [264 * 1024, 2 * 1024 * 1024, 125e6, '-mcpu=cortex-m0plus', '-mthumb']);
  assert.deepEqual(sizes('nrf52832'), [65536, 524288, 64e6, '-mcpu=cortex-m4', '-mthumb']);
});

test('a chip is found by its name in any case, and by its order code', () => {
  for (const [name, id] of [
    ['ATmega328P', 'atmega328p'],
    ['atmega328p-au', 'atmega328p'],
    ['ATMEGA328', 'atmega328'],
    ['SAM D21G18', 'samd21g18'],
    ['ATSAMD21G18', undefined],
    ['esp32-c3', 'esp32c3'],
    ['STM32F103C8T6', 'stm32f103c8'],
    ['stm32f030f4p6', 'stm32f030f4'],
    ['nRF52832-QFAA', 'nrf52832'],
    ['ATmega328PB', undefined],
    ['atmega32', undefined],
    ['stm32f103', undefined],
    ['', undefined],
    ['constructor', undefined],
  ] as const)
    assert.equal(findChip(name)?.id, id, name);
  for (const chip of chips) assert.equal(findChip(chip.name.toUpperCase()), chip);
});

test('a device of its own has the sizes given', () => {
  const device = customDevice({ ramBytes: 1000, flashBytes: 9000 });
  assert.deepEqual([device.id, device.ramBytes, device.flashBytes, device.architecture], ['custom', 1000, 9000, 'generic']);
});
