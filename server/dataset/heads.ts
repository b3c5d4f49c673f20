import { basename } from 'node:path';
import { formatShape, type Shape, sameShape } from '../network/shape.ts';
import { absentHint } from './absent.ts';
import { brief, type Classes, classesOf } from './classes.ts';
import { shapeOfExtents } from './extents.ts';
import type { Head, Refusal } from './formats/format.ts';
import type { DataFault, DataSource } from './source.ts';

/** What training and test data must agree on. */
export type Agreement = { readonly shape: Shape; readonly classes: Classes };

/** Holds what the files are known to contain against the source and against each other. */
export function agree(source: DataSource, train: Head, test: Head | undefined): Agreement | DataFault[] {
  const shape = shapeOfExtents(train.extents, source.shape);
  if (typeof shape === 'string') return [faultAt(source, 'train', { part: 'samples', message: shape })];
  const classes = classesOf(train.labels, source.classes);
  if (typeof classes === 'string') return [{ field: 'classes', message: classes }];
  const refusal = test && testRefusal(source, test, shape, classes);
  return refusal ? [faultAt(source, 'test', refusal)] : { shape, classes };
}

function testRefusal(source: DataSource, test: Head, shape: Shape, classes: Classes): Refusal | undefined {
  const own = shapeOfExtents(test.extents, source.shape);
  if (typeof own === 'string') return { part: 'samples', message: own };
  if (!sameShape(own, shape))
    return { part: 'samples', message: `holds samples of ${formatShape(own)}; the training data's are ${formatShape(shape)}` };
  const known = test.labels.names.filter((label) => classes.classOf.has(label));
  if (known.length === 0) return { part: 'labels', message: `holds no sample of any class: its labels are ${brief(test.labels.names)}` };
  const unknown = test.labels.names.filter((label) => !classes.classOf.has(label));
  if (unknown.length > 0 && !source.classes)
    return { part: 'labels', message: `holds the label ${unknown[0]}, which no training sample has; those are ${brief(classes.names)}` };
  return undefined;
}

/** A refusal as a fault at the field of the spec that names the file; labels without a file of their own are the samples' file's. */
export function faultAt(source: DataSource, split: 'train' | 'test', { part, message }: Refusal): DataFault {
  const files = (split === 'test' && source.test) || source.train;
  const apart = part === 'labels' && files.labels !== undefined;
  const path = apart ? files.labels! : files.samples;
  const hint = message === 'is not there' ? absentHint(source, path) : undefined;
  return { field: `${split}.${apart ? 'labels' : 'samples'}`, message: `${basename(path)} ${message}`, ...(hint && { hint }) };
}
