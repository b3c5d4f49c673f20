import type { Samples } from '../../dataset/dataset.ts';
import type { Session } from '../engine.ts';
import { score } from '../infer.ts';
import type { Mode } from './forward.ts';
import type { Tensor, Tensorflow } from './library.ts';

/** Runs the samples in their order, some at a time: their logits [samples, classes], and the index of the first. */
export type Run = (samples: Samples, mode: Mode, each: (logits: Tensor, first: number) => void) => void;

export function inferWith(tf: Tensorflow, classes: number, run: Run): Pick<Session, 'evaluate' | 'predict' | 'ranges'> {
  function predict(samples: Samples): Float32Array {
    const all = new Float32Array(samples.count * classes);
    run(samples, {}, (logits, first) => all.set(logits.dataSync(), first * classes));
    return all;
  }

  return {
    predict,
    evaluate: (samples) => score(predict(samples), samples.labels, classes),
    ranges(samples) {
      const ranges = new Map<string, { min: number; max: number }>();
      const layer = (name: string, output: Tensor) => {
        const { min, max } = ranges.get(name) ?? { min: Infinity, max: -Infinity };
        ranges.set(name, { min: Math.min(min, tf.min(output).dataSync()[0]), max: Math.max(max, tf.max(output).dataSync()[0]) });
      };
      run(samples, { layer }, () => {});
      return ranges;
    },
  };
}
