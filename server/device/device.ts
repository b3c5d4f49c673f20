export type Architecture = 'avr' | 'cortex-m0' | 'cortex-m0plus' | 'cortex-m3' | 'cortex-m4' | 'cortex-m7' | 'riscv32' | 'generic';

/** A microcontroller as far as a network's price depends on it. */
export type Device = {
  /** Lower case, as written after `chip:`; `custom` for a device that is described by its sizes alone. */
  readonly id: string;
  readonly name: string;
  readonly architecture: Architecture;
  readonly ramBytes: number;
  /** Where flash is a chip of its own (RP2040, ESP32-C3), that of the maker's board. */
  readonly flashBytes: number;
  /** The clock it usually runs at; a spec may say otherwise. */
  readonly clockHz: number;
  readonly wordBits: 8 | 32;
  /** Cycles per multiply-accumulate of compiled C, rough: for a latency model, not a promise. */
  readonly cyclesPerMac: number;
  /** What gcc needs to compile for it. */
  readonly gccFlags: readonly string[];
  /** What a spec leaves of it to the network; all of it where nothing is said. */
  readonly allotted?: Allotted;
};

export type Allotted = {
  readonly ramBytes: number;
  readonly flashBytes: number;
  /** What a plan is chosen for. `speed` spends the flash on it: weights are written as code while there is some left. The fastest plan as it is without it. */
  readonly prefer?: Preference;
};

/** What counts among plans that fit. */
export const PREFERENCES = ['speed', 'ram', 'flash'] as const;
export type Preference = (typeof PREFERENCES)[number];

/** A device known by its sizes alone. */
export const customDevice = (sizes: { ramBytes: number; flashBytes: number; clockHz?: number }): Device => ({
  id: 'custom',
  name: 'custom device',
  architecture: 'generic',
  ramBytes: sizes.ramBytes,
  flashBytes: sizes.flashBytes,
  clockHz: sizes.clockHz ?? 16e6,
  wordBits: 32,
  cyclesPerMac: 10,
  gccFlags: [],
});
