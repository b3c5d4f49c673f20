import type { Architecture } from '../device/device.ts';

/** Where RAM lies in the addresses that linkers use, [from, to). All else that holds something is flash, but for what is set apart. */
const RAM: { readonly [name in 'avr' | 'arm' | 'riscv']: readonly (readonly [from: number, to: number])[] } = {
  // The linker moves RAM behind the 8 MB of program memory; EEPROM, fuses and lock bits lie behind that.
  avr: [[0x800000, 0x810000]],
  // The core's own map: SRAM from 0x20000000, and external RAM.
  arm: [
    [0x20000000, 0x40000000],
    [0x60000000, 0xa0000000],
  ],
  // ESP32-C3: data and instruction RAM. Others: SRAM at 0x20000000 or 0x80000000.
  riscv: [
    [0x20000000, 0x30000000],
    [0x3fc00000, 0x40000000],
    [0x40370000, 0x40400000],
    [0x80000000, 0xa0000000],
  ],
};

const familyOf = (architecture: Architecture): keyof typeof RAM =>
  architecture === 'avr' ? 'avr' : architecture === 'riscv32' ? 'riscv' : 'arm';

export const isRam = (architecture: Architecture, address: number): boolean =>
  RAM[familyOf(architecture)].some(([from, to]) => from <= address && address < to);

/** EEPROM, fuses and the like of an AVR are neither. */
export const isFlash = (architecture: Architecture, address: number): boolean =>
  !isRam(architecture, address) && !(architecture === 'avr' && address >= 0x800000);
