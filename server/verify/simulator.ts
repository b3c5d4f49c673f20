import type { GeneratedFile } from '../codegen/generate.ts';
import { type ArmChip, compileForArm, findArmCompiler } from './arm.ts';
import { compileForAvr, findAvrCompiler, runOnAvr } from './avr.ts';
import { ATMEGA328P, type Chip, simulatedAvr } from './chips.ts';
import type { Subject } from './harness.ts';
import type { Answers } from './host.ts';
import { BOARDS, findQemu, QEMU_FLASH, runOnQemu } from './qemu.ts';
import { RP2040_FLASH, runOnRp2040 } from './rp2040.ts';

/** What a program takes of a chip, bytes; of the slowest inference either cycles or, where those are not known, instructions. */
export type Costs = {
  readonly staticBytes: number;
  readonly stackBytes: number;
  readonly ramBytes: number;
  readonly flashBytes: number;
  readonly cycles?: number;
  readonly instructions?: number;
};

export type Simulator = {
  readonly name: string;
  /** Of the chip that is simulated, or of the chip meant where its core is. */
  readonly mcu: string;
  /** Why nothing can be run. */
  readonly missing?: string;
  /** Compiles generated files; what comes back runs them over samples ([count, sampleBytes]). */
  load(subject: Subject, files: readonly GeneratedFile[]): Promise<(samples: Uint8Array) => Promise<Answers & { readonly costs: Costs }>>;
};

/** What stands for a chip: itself, its core, or the nearest kin of it. */
export function simulatorOf(chip: Chip): Simulator {
  const { architecture } = chip;
  if (architecture === 'avr') return avr(chip);
  if (architecture === 'cortex-m0plus' || architecture === 'cortex-m0') return rp2040(chip);
  if (isQemuCore(architecture)) return qemu(chip, architecture);
  return {
    name: `simulated ${chip.name}`,
    mcu: chip.id,
    missing: `there is no simulator here for a core of the kind ${architecture}`,
    load: () => Promise.reject(new Error(`no simulator for ${architecture}`)),
  };
}

function avr(chip: Chip): Simulator {
  const simulated = simulatedAvr(chip.id) ?? ATMEGA328P;
  return {
    name: `simulated ${simulated.name}${simulated.mcu === chip.id ? '' : `, in place of ${chip.id}`}`,
    mcu: simulated.mcu,
    ...(!findAvrCompiler() && { missing: 'avr-gcc is not on the PATH (Debian: apt-get install gcc-avr avr-libc)' }),
    async load(subject, files) {
      const elf = await compileForAvr(subject, files, simulated);
      return async (samples) => told(runOnAvr(subject, elf, samples, simulated));
    },
  };
}

const NO_ARM_COMPILER = 'arm-none-eabi-gcc is not on the PATH (Debian: apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi)';

function rp2040(chip: Chip): Simulator {
  const core: ArmChip = { ...chip, cpu: 'cortex-m0plus' };
  return {
    name: `simulated Cortex-M0+ of ${chip.name}${chip.architecture === 'cortex-m0' ? ', in place of its Cortex-M0' : ''}`,
    mcu: chip.id,
    ...(!findArmCompiler() && { missing: NO_ARM_COMPILER }),
    async load(subject, files) {
      const { elf } = await compileForArm(subject, files, core, RP2040_FLASH);
      return async (samples) => told(runOnRp2040(subject, elf, samples));
    },
  };
}

function qemu(chip: Chip, cpu: ArmChip['cpu']): Simulator {
  const tools = [
    !findArmCompiler() && NO_ARM_COMPILER,
    !findQemu() && 'qemu-system-arm is not on the PATH (Debian: apt-get install qemu-system-arm)',
  ];
  const missing = tools.filter(Boolean).join('; ');
  return {
    name: `simulated ${cpu.replace('cortex-m', 'Cortex-M')} of ${chip.name}`,
    mcu: chip.id,
    ...(missing && { missing }),
    async load(subject, files) {
      const program = await compileForArm(subject, files, { ...chip, cpu }, QEMU_FLASH);
      return async (samples) => told(await runOnQemu(subject, program, samples, cpu));
    },
  };
}

const isQemuCore = (architecture: string): architecture is ArmChip['cpu'] => Object.hasOwn(BOARDS, architecture);

function told({ classes, logits, ...run }: Answers & Costs): Answers & { costs: Costs } {
  const { staticBytes, stackBytes, ramBytes, flashBytes, cycles, instructions } = run;
  const counted = { ...(cycles !== undefined && { cycles }), ...(instructions !== undefined && { instructions }) };
  return { classes, logits, costs: { staticBytes, stackBytes, ramBytes, flashBytes, ...counted } };
}
