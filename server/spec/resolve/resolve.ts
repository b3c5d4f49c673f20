import type { Shape } from '../../network/shape.ts';
import type { Fault } from '../problem.ts';
import { remembering } from '../remember.ts';
import type { Written } from '../schema/schema.ts';
import { deployed, type FirmwareUse, type ProjectChip, type Spec } from '../spec.ts';
import { resolveData } from './data.ts';
import { resolveNetwork } from './network.ts';
import { resolveTarget } from './target.ts';
import { checkTraining } from './training.ts';

/** What is known of the data and of the firmware besides. */
export type Known = {
  readonly input?: Shape;
  readonly classCount?: number;
  readonly firmware?: FirmwareUse;
  readonly project?: ProjectChip;
};
export type Resolved = { readonly draft: Partial<Spec>; readonly layerEntries: readonly number[] };

/** What is written, as far as it is sound, in the terms of a spec; what does not fit together is added to the faults. */
export function resolve(written: Partial<Written>, known: Known, faults: Fault[]): Resolved {
  const { name, search, training, pruning, objectives, limits } = written;
  const data = written.data && resolveData(written.data, faults);
  const target = written.target && resolveTarget(written.target, known, limits, faults);
  const classesSound = faults.every(({ path }) => path[1] !== 'classes');
  const {
    network,
    entries,
    faults: networkFaults,
  } = resolveNetwork(written.network, {
    input: known.input,
    inputIsFaulty: faults.some(({ path }) => path[0] === 'data' && (path.length === 1 || path[1] === 'shape')),
    classCount: classesSound ? (data?.classes?.length ?? known.classCount) : undefined,
    isFaulty: faults.some(({ path }) => path[0] === 'network'),
  });
  faults.push(...networkFaults);
  if (training) checkTraining({ training, search, network, classes: classesSound ? data?.classes : undefined }, faults);
  const output = name !== undefined && written.output && { folder: `firmware/lib/${name}`, name, ...written.output };
  const draft: Partial<Spec> = {
    name,
    data,
    target,
    network: network && training ? onChip({ training }, network) : network,
    search,
    training,
    pruning,
    objectives,
    limits,
    output: output || undefined,
  };
  return { draft: withoutAbsent(draft), layerEntries: entries };
}

/** The same network again for the same words: what is known of it is known by the object. */
const onChip = remembering(deployed);

const withoutAbsent = <Value extends object>(value: Value): Value =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Value;
