import type { Allotted, Preference } from '../../device/device.ts';
import { formatBytes } from '../format.ts';
import type { Fault } from '../problem.ts';
import type { Written } from '../schema/schema.ts';
import { budgetOf, type Target } from '../spec.ts';
import { resolveDevice } from './device.ts';
import type { Known } from './resolve.ts';

/** The device with the sizes that the spec allows. */
export function resolveTarget(
  written: Written['target'],
  { firmware, project }: Pick<Known, 'firmware' | 'project'>,
  limits: Written['limits'] | undefined,
  faults: Fault[],
): Target | undefined {
  const found = resolveDevice(written, project, faults);
  if (!found) return undefined;
  const { device: chip, project: named } = found;
  for (const key of ['ram', 'flash'] as const) {
    const most = key === 'ram' ? chip.ramBytes : chip.flashBytes;
    if ((written[key] ?? 0) > most) {
      const message = `${key} is more than the ${formatBytes(most)} of the ${chip.name}`;
      faults.push({ code: 'overChip', path: ['target', key], message, hint: `At most ${formatBytes(most)}.`, instead: formatBytes(most) });
    }
  }
  const device = {
    ...chip,
    ramBytes: Math.min(written.ram ?? chip.ramBytes, chip.ramBytes),
    flashBytes: Math.min(written.flash ?? chip.flashBytes, chip.flashBytes),
    clockHz: written.clock ?? chip.clockHz,
  };
  const reserve = { ramBytes: written.reserve.ram, flashBytes: written.reserve.flash };
  for (const [key, has, needs] of [
    ['ram', device.ramBytes, reserve.ramBytes],
    ['flash', device.flashBytes, reserve.flashBytes],
  ] as const) {
    const own = firmware?.[`${key}Bytes`] ?? 0;
    if (own + needs < has) continue;
    const path = needs === 0 ? ['target', key] : ['target', 'reserve', key];
    const takers = own === 0 ? 'the reserve' : `your firmware (${formatBytes(own)}, ${firmware?.file}) and the reserve`;
    const message = `${takers} of ${formatBytes(needs)} leaves nothing of the ${formatBytes(has)} of ${key}`;
    const hint = own < has ? `Reserve less than ${formatBytes(has - own)}.` : undefined;
    faults.push({ code: 'noBudget', path, message: own === 0 ? message : message.replace('leaves', 'leave'), hint });
  }
  const target = { device, reserve, ...(firmware ? { firmware } : {}), ...(named === undefined ? {} : { project: named }) };
  return { ...target, device: { ...device, allotted: allot(target, limits, written.prefer) } };
}

/** What of the target a network may take: what is left, or less where the spec limits it. */
export function allot(target: Target, limits: Limits | undefined, prefer: Preference | undefined): Allotted {
  const left = budgetOf({ target });
  return {
    ramBytes: Math.min(left.ramBytes, limits?.ram ?? left.ramBytes),
    flashBytes: Math.min(left.flashBytes, limits?.flash ?? left.flashBytes),
    ...(prefer && { prefer }),
  };
}

type Limits = { readonly ram?: number; readonly flash?: number };
