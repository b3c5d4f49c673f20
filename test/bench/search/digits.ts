import type { DataSet, Samples } from '../../../server/dataset/dataset.ts';
import { DIGIT_SIZE, drawDigit } from '../../../server/dataset/digits/draw.ts';
import { createRandom } from '../../../server/random.ts';

/** Digits that are drawn here and now, the same ones each time. */
export function drawnDigits(train: number, validation: number): DataSet {
  const random = createRandom(1);
  const shape = { height: DIGIT_SIZE, width: DIGIT_SIZE, channels: 1 };
  const samples = (count: number): Samples => {
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
    const x = new Uint8Array(count * DIGIT_SIZE * DIGIT_SIZE);
    labels.forEach((digit, i) => {
      x.set(drawDigit(random, digit), i * DIGIT_SIZE * DIGIT_SIZE);
    });
    return { shape: shape, count, x, labels };
  };
  const trained = samples(train);
  const mean = trained.x.reduce((sum, value) => sum + value, 0) / trained.x.length;
  const variance = trained.x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / trained.x.length;
  return {
    name: 'digits',
    classes: Array.from({ length: 10 }, (_, digit) => `${digit}`),
    encoding: { zeroPoint: Math.round(mean), deviation: Math.sqrt(variance) },
    train: trained,
    validation: samples(validation),
    test: samples(10),
  };
}
