import type { Shape } from '../network/shape.ts';
import { createRandom } from '../random.ts';
import { classPerSample, LEFT_OUT } from './classes.ts';
import type { DataSet, InputEncoding, Samples } from './dataset.ts';
import { isRefusal, type Raw, type Refusal } from './formats/format.ts';
import { FORMATS } from './formats/table.ts';
import { agree, faultAt } from './heads.ts';
import { findUnusable, fitQuantiser, LARGEST_VALUE, type Quantiser, statistics, toBytes } from './quantise.ts';
import type { DataFault, DataSource } from './source.ts';
import { stratify } from './split.ts';

/**
 * Reads a data set, splits it, and turns it into bytes. Either the data or faults come back, each at the field of the spec that names what is wrong.
 * What depends on values (the quantiser, zero point and deviation) is taken from the training split alone.
 */
export async function loadDataSet(source: DataSource): Promise<{ data?: DataSet; faults: DataFault[] }> {
  const shares = shareFault(source);
  if (shares) return { faults: [shares] };
  const train = await read(source, 'train');
  const test = source.test && (await read(source, 'test'));
  const faults: DataFault[] = [];
  if (isRefusal(train)) faults.push(faultAt(source, 'train', train));
  if (test && isRefusal(test)) faults.push(faultAt(source, 'test', test));
  if (isRefusal(train) || (test && isRefusal(test))) return { faults };
  const result = assemble(source, train, test);
  return Array.isArray(result) ? { faults: result } : { data: result, faults };
}

async function read(source: DataSource, split: 'train' | 'test'): Promise<Raw | Refusal> {
  const raw = await FORMATS[source.format].read(source[split]!, split, source);
  if (isRefusal(raw)) return raw;
  const at = findUnusable(raw.values);
  if (at < 0) return raw;
  return {
    part: 'samples',
    message: `holds ${raw.values[at]} in sample ${Math.floor(at / (raw.values.length / raw.count))}; finite numbers up to ${LARGEST_VALUE} are expected`,
  };
}

/** Why the shares leave nothing to train on or to choose by. */
export function shareFault({ validationShare, testShare, test }: DataSource): DataFault | undefined {
  const aside = validationShare + (test ? 0 : testShare);
  const sound = validationShare > 0 && (test || testShare > 0) && aside < 1;
  if (sound) return undefined;
  const percent = (share: number) => `${Math.round(share * 1000) / 10} %`;
  return {
    field: 'validation',
    message: `the shares of validation (${percent(validationShare)}) and test (${test ? 'its own files' : percent(testShare)}) must be above 0 and leave some data for training`,
  };
}

function assemble(source: DataSource, train: Raw, test: Raw | undefined): DataSet | DataFault[] {
  const agreement = agree(source, train, test);
  if (Array.isArray(agreement)) return agreement;
  const { shape, classes } = agreement;
  const trainClasses = classPerSample(train.labels, classes);
  const shares = { validation: source.validationShare, test: test ? 0 : source.testShare };
  const parts = stratify(trainClasses, classes.names.length, shares, createRandom(source.seed).fork('split'));
  if (parts.validation.length === 0)
    return [{ field: 'validation', message: `of ${parts.train.length} samples the validation share is not even one` }];
  if (!test && parts.test.length === 0)
    return [{ field: 'validation', message: `of ${parts.train.length} samples the test share is not even one` }];
  const quantiser = fitQuantiser(train.values, shape, parts.train);
  const select = (raw: Raw, perSample: Int16Array, samples: Uint32Array) => gather(raw, shape, perSample, samples, quantiser);
  const trained = select(train, trainClasses, parts.train);
  const encoding = encodingOf(trained, source, quantiser);
  if (!encoding) return [faultAt(source, 'train', { part: 'samples', message: 'holds one and the same value everywhere' })];
  const testClasses = test && classPerSample(test.labels, classes);
  return {
    name: source.name,
    classes: classes.names,
    encoding,
    train: trained,
    validation: select(train, trainClasses, parts.validation),
    test: test && testClasses ? select(test, testClasses, belonging(testClasses)) : select(train, trainClasses, parts.test),
  };
}

function gather(raw: Raw, shape: Shape, perSample: Int16Array, samples: Uint32Array, quantiser?: Quantiser): Samples {
  const labels = new Uint8Array(new SharedArrayBuffer(samples.length));
  samples.forEach((sample, i) => {
    labels[i] = perSample[sample];
  });
  return { shape, count: samples.length, x: toBytes(raw.values, shape, samples, quantiser), labels };
}

function encodingOf({ x }: Samples, { normalise }: DataSource, channels?: Quantiser): InputEncoding | undefined {
  const { mean, deviation } = statistics(x);
  if (deviation === 0) return undefined;
  const scaling = normalise === 'none' ? { zeroPoint: 0, deviation: 255 } : { zeroPoint: Math.round(mean), deviation };
  return channels ? { ...scaling, channels } : scaling;
}

/** The samples that are not left out. */
function belonging(perSample: Int16Array): Uint32Array {
  const samples: number[] = [];
  perSample.forEach((each, sample) => {
    if (each !== LEFT_OUT) samples.push(sample);
  });
  return Uint32Array.from(samples);
}
