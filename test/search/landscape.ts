import type { Genotype } from '../../server/search/genotype.ts';

/** An error in 0.01 ... 1 whose genes each have a best value of their own, none of it visible in the price. */
export function hiddenError({ architecture, training, pruning }: Genotype): number {
  const layers = architecture.blocks.flatMap((block) => block.layers);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const far = (value: number, best: number) => Math.abs(Math.log2(value / best));
  const misses =
    Math.abs(architecture.blocks.length - 2) +
    mean(layers.map((layer) => Math.abs(layer.kernel - 4))) / 2 +
    mean(layers.map((layer) => far(layer.filters, 12))) / 2 +
    mean(layers.map((layer) => (layer.type === 'separable' ? 0 : 1))) / 2 +
    mean(layers.map((layer) => (layer.batchNorm ? 0 : 1))) / 2 +
    ((architecture.downsample?.size ?? 1) - 1) / 2 +
    (architecture.dense.length + architecture.branches.length) / 2 +
    far(training.learningRate, 3e-3) / 2 +
    Math.abs(pruning.unstructured - 0.7);
  return 1 - 0.99 * Math.exp(-misses / 3);
}
