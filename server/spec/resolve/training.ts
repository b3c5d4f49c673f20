import type { ClassGroup } from '../../dataset/source.ts';
import type { Network } from '../../network/network.ts';
import { suggestion } from '../issue.ts';
import { nearest } from '../nearest.ts';
import type { Fault } from '../problem.ts';
import type { Written } from '../schema/schema.ts';

type Known = {
  readonly training: Written['training'];
  readonly search?: Written['search'];
  readonly network?: Network;
  readonly classes?: readonly ClassGroup[];
};

/** What of the training does not go with the rest of the spec. */
export function checkTraining({ training, search, network, classes }: Known, faults: Fault[]): void {
  const { classWeights, distillation, epochs, finalEpochs, optimiser, warmup } = training;
  const fault = (path: Fault['path'], message: string, more: Partial<Fault> = {}) =>
    faults.push({ code: 'training', path: ['training', ...path], message, ...more });
  if (warmup !== undefined && warmup >= epochs) fault(['warmup'], `the learning rate is still rising when the ${epochs} epochs end`);
  if (distillation && !network && finalEpochs <= epochs) {
    const message = 'only a network written by hand or the final epochs of the chosen candidate have a teacher';
    fault(['distillation'], message, { at: 'key', hint: `Add finalEpochs: more than ${epochs}.` });
  }
  if (distillation && training.augmentation.mixup > 0)
    fault(['augmentation', 'mixup'], 'mixup mixes labels, but not the answers of the teacher; leave out one of mixup and distillation');
  if (optimiser === 'adam' && (search?.space.weightDecay?.[1] ?? 0) > 0)
    faults.push({
      code: 'training',
      path: ['search', 'space', 'weightDecay'],
      message: 'adam has no weight decay; write optimiser: adamw',
    });
  if (typeof classWeights !== 'object' || !classes) return;
  const names = classes.map(({ name }) => name);
  for (const name of Object.keys(classWeights)) {
    if (names.includes(name)) continue;
    const message = `there is no class "${name.slice(0, 40)}"; there are ${names.slice(0, 12).join(', ')}`;
    fault(['classWeights', name], message, { at: 'key', ...suggestion(nearest(name, names)) });
  }
}
