import type { Device } from '../device/device.ts';
import type { Stage } from '../network/stage.ts';
import type { PlanTarget } from './plan.ts';
import { intakeOf } from './stream.ts';

/**
 * avr-gcc 5.4 -Os. Stack: main, push_row and one stage's row function, whose pointers to the kernel's rows take 2 bytes each; the constant is
 * the most seen on 400 random networks, 80 B, and a margin. Code: least squares of the relative error over the same networks.
 */
const avr: PlanTarget = {
  alignment: 1,
  stackBytes: (stages) => 88 + 2 * tallestWindow(stages),
  code: {
    base: 587,
    ops: { conv2d: 125, depthwise: 124, dense: 149, maxPool: 11, averagePool: 32, add: 104, concat: 36, relu: 19 },
    clipped: 114,
    streamed: 56,
    furtherInput: 39,
    requantized: 181,
  },
};

/**
 * arm-none-eabi-gcc 12 -Os for a Cortex-M0+, and taken for every other 32-bit core. Stack: the compiler's own figures (-fstack-usage) for
 * push_row and its deepest callee, 112 B at most on 120 random networks, and 48 B for main and the library's division.
 */
const wide: PlanTarget = {
  alignment: 4,
  stackBytes: (stages) => 160 + 4 * tallestWindow(stages),
  code: {
    base: 170,
    ops: { conv2d: 20, depthwise: 22, dense: 13, maxPool: 35, averagePool: 10, add: -50, concat: 7, relu: 59 },
    clipped: 50,
    streamed: 27,
    furtherInput: 95,
    requantized: 90,
  },
};

export const planTarget = (device: Pick<Device, 'architecture'>): PlanTarget => (device.architecture === 'avr' ? avr : wide);

const tallestWindow = (stages: readonly Stage[]): number =>
  Math.max(0, ...stages.map((stage) => (stage.window && intakeOf(stage) === 'window' ? stage.window.kernelY : 0)));
