/** A chip as far as its proof depends on it; rows of the device table are such. */
export type Chip = {
  /** Lower case, as the device table names it. */
  readonly id: string;
  readonly name: string;
  readonly architecture: string;
  readonly ramBytes: number;
  readonly flashBytes: number;
};

/** An AVR that the simulator can stand for: its memory, and where three registers lie that no peripheral needs. */
export type AvrChip = {
  /** As avr-gcc's -mmcu and the device table name it. */
  readonly mcu: string;
  readonly name: string;
  readonly ramStart: number;
  readonly ramBytes: number;
  readonly flashBytes: number;
  /** Data addresses of GPIOR0, GPIOR1 and GPIOR2. */
  readonly gpior: readonly [number, number, number];
};

const MEGA = [0x3e, 0x4a, 0x4b] as const;

const chip = (name: string, ramStart: number, ramBytes: number, flashKilobytes: number, gpior: AvrChip['gpior']): AvrChip => ({
  ...{ mcu: name.toLowerCase(), name, ramStart, ramBytes, flashBytes: flashKilobytes * 1024, gpior },
});

export const ATMEGA328P = chip('ATmega328P', 0x100, 2048, 32, MEGA);

/** From the data sheets. The tinies have no multiplier: their code is another, and slower. */
const chips: readonly AvrChip[] = [
  ATMEGA328P,
  chip('ATmega328', 0x100, 2048, 32, MEGA),
  chip('ATmega168P', 0x100, 1024, 16, MEGA),
  chip('ATmega32U4', 0x100, 2560, 32, MEGA),
  chip('ATmega644P', 0x100, 4096, 64, MEGA),
  chip('ATtiny85', 0x60, 512, 8, [0x31, 0x32, 0x33]),
  chip('ATtiny84', 0x60, 512, 8, [0x33, 0x34, 0x35]),
];

/** The simulated chip of that name; undefined where another AVR has to stand for it. */
export const simulatedAvr = (mcu: string): AvrChip | undefined => chips.find((each) => each.mcu === mcu);
