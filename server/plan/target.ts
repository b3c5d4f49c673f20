import type { Device } from '../device/device.ts';
import { large, small } from './arm.ts';
import { avr, compiled } from './avr.ts';
import type { PlanTarget } from './plan.ts';

export function planTarget({ architecture, id }: Pick<Device, 'architecture'> & Partial<Pick<Device, 'id'>>): PlanTarget {
  if (architecture === 'cortex-m0' || architecture === 'cortex-m0plus') return small;
  if (architecture !== 'avr') return large;
  if (id !== undefined && WITHOUT_MULTIPLIER.test(id)) return slowAvr;
  return id !== undefined && FAR.test(id) ? farAvr : avr;
}

const WITHOUT_MULTIPLIER = /^attiny\d\d$/;
/** More than 128 KB of flash: return addresses have three bytes. */
const FAR = /^atmega256\d/;

const withFarReturns = (target: PlanTarget): PlanTarget => ({
  ...target,
  stackBytes: (stages, streamed, unit) => target.stackBytes(stages, streamed, unit) + (target.machine ? 2 : 6),
});

/** Products are calls of the compiler's library, 3 B deeper at most on 70 random networks; weights are not worth being code. */
const slowAvr: PlanTarget = {
  ...compiled,
  cycles: undefined,
  stackBytes: (stages, streamed) => compiled.stackBytes(stages, streamed) + 8,
};

const farAvr: PlanTarget = { ...withFarReturns(avr), lean: withFarReturns(avr.lean!) };
