import type { Fault } from '../problem.ts';
import type { Examined } from './examine.ts';

/** From here on a network that knows only the larger class looks good. */
const UNBALANCED = 5;

/** What is wrong with the data on disk, at the lines that name them. */
export function dataFaults({ parsed, data }: Examined): Fault[] {
  if (!data) return [];
  const found = data.faults.map(
    ({ field, message, hint }): Fault => ({ code: 'data', path: ['data', ...field.split('.')], message, hint }),
  );
  const written = parsed.draft.data;
  if (!data.probe || !written || found.length > 0) return found;
  const { classes, trainCounts } = data.probe;
  const [least, most] = [trainCounts.indexOf(Math.min(...trainCounts)), trainCounts.indexOf(Math.max(...trainCounts))];
  const samples = (place: number) => `${classes[place]} has ${trainCounts[place]}`;
  const validation = trainCounts[least] * written.validationShare;
  const test = written.test ? 1 : trainCounts[least] * written.testShare;
  if (Math.min(validation, test) < 1) {
    const [what, share] = validation < 1 ? (['validation', written.validationShare] as const) : (['testShare', written.testShare] as const);
    const message = `of the training samples class ${samples(least)}: ${percent(share)} of them is not one, so this class is not tried out`;
    found.push({ code: 'fewSamples', path: ['data', what], message, hint: 'A larger share, or more samples.' });
  }
  if (trainCounts[most] > UNBALANCED * trainCounts[least] && parsed.draft.training?.classWeights === undefined) {
    const message = `the classes are unbalanced: ${samples(most)} training samples, ${samples(least)}`;
    const hint =
      'A network may ignore the smaller class and still look accurate. Bring the numbers closer together, or let them count alike: training.classWeights: balanced.';
    found.push({ code: 'unbalanced', path: ['data', 'train', written.train.labels === undefined ? 'samples' : 'labels'], message, hint });
  }
  return found;
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;
