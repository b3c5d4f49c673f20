import { chips } from '../../device/chips.ts';
import { customDevice, type Device } from '../../device/device.ts';
import { findChip } from '../../device/find.ts';
import { suggestion } from '../issue.ts';
import { nearest } from '../nearest.ts';
import type { Fault } from '../problem.ts';
import type { Written } from '../schema/schema.ts';
import type { ProjectChip, Target } from '../spec.ts';

/**
 * The chip that the spec names; where it names none, that of its firmware project, and where that does not either, a device of the user's own.
 * A project for the same chip may leave less of its RAM and flash, as where a bootloader lies, and tells its clock.
 */
export function resolveDevice(
  written: Written['target'],
  project: ProjectChip | undefined,
  faults: Fault[],
): Pick<Target, 'device' | 'project'> | undefined {
  const theirs = project?.chip === undefined ? undefined : findChip(project.chip);
  if (written.chip !== undefined) {
    const chip = findChip(written.chip);
    if (!chip) faults.push(unknownChip(written.chip, theirs));
    else if (theirs && theirs.id !== chip.id) faults.push(otherChip(chip, theirs, project!));
    return chip && { device: theirs && theirs.id !== chip.id ? chip : within(chip, project) };
  }
  if (theirs) {
    const message = `the chip is the ${theirs.name} that ${project!.file} names`;
    faults.push({ code: 'projectChip', path: ['target'], at: 'key', message, hint: 'To take another, write it as chip.' });
    return { device: within(theirs, project), project: project!.file };
  }
  const { ram = project?.ramBytes, flash = project?.flashBytes, clock = project?.clockHz || undefined } = written;
  if (ram !== undefined && flash !== undefined) return { device: customDevice({ ramBytes: ram, flashBytes: flash, clockHz: clock }) };
  faults.push(missingChip(project));
  return undefined;
}

const within = (chip: Device, { ramBytes, flashBytes, clockHz }: Partial<ProjectChip> = {}): Device => ({
  ...chip,
  clockHz: clockHz || chip.clockHz,
  ramBytes: Math.min(chip.ramBytes, ramBytes || chip.ramBytes),
  flashBytes: Math.min(chip.flashBytes, flashBytes || chip.flashBytes),
});

function unknownChip(written: string, theirs: Device | undefined): Fault {
  const meant =
    nearest(
      written,
      chips.map((each) => each.id),
    ) ?? theirs?.id;
  const message = `there is no chip "${written.slice(0, 40)}" in the table; leave chip out and give ram and flash for a device of your own`;
  const known = { hint: `The table has ${chips.map(({ id }) => id).join(', ')}.` };
  return { code: 'unknownChip', path: ['target', 'chip'], message, ...(meant === undefined ? known : suggestion(meant)) };
}

const otherChip = (chip: Device, theirs: Device, { file }: ProjectChip): Fault => ({
  code: 'otherChip',
  path: ['target', 'chip'],
  message: `the firmware project is for the ${theirs.name} (${file}), the spec for the ${chip.name}`,
  hint: `Write ${theirs.id}, or leave chip out: then it is that of the project.`,
  instead: theirs.id,
});

function missingChip(project: ProjectChip | undefined): Fault {
  const message = 'target needs a chip, or ram and flash for a device of your own';
  const named = project?.chip && { hint: `The table has no "${project.chip.slice(0, 40)}", which ${project.file} names.` };
  return { code: 'missingKey', path: ['target'], at: 'key', message, ...named };
}
