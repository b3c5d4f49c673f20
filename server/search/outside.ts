import type { Genotype } from './genotype.ts';
import { type Space, within } from './space.ts';

/** Why a genotype does not belong to a space; undefined where it does. */
export function outside(genotype: Genotype, space: Space): string | undefined {
  const { architecture, training, pruning } = genotype;
  const layers = architecture.blocks.flatMap((block) => block.layers);
  const pools = architecture.blocks.map((block) => block.pool);
  const places = architecture.branches.map((branch) => branch.from);
  const tests: [string, boolean][] = [
    ['blocks', within(architecture.blocks.length, space.blocks)],
    ['layers', architecture.blocks.every((block) => within(block.layers.length, space.layers))],
    ['ops', layers.every((layer) => space.ops.includes(layer.type))],
    ['kernel', layers.every((layer) => within(layer.kernel, space.kernel))],
    ['filters', layers.every((layer) => within(layer.filters, space.filters))],
    ['stride', layers.every((layer) => within(layer.stride, space.stride))],
    ['padding', layers.every((layer) => space.padding.includes(layer.padding))],
    ['batchNorm', layers.every((layer) => space.batchNorm.includes(layer.batchNorm))],
    ['reduction', layers.every((layer) => (layer.type === 'bottleneck') === (layer.reduction !== undefined))],
    ['reduction', layers.every((layer) => layer.reduction === undefined || within(layer.reduction, space.reduction))],
    ['bits', [architecture.denseBits, ...layers.map((layer) => layer.bits)].every((bits) => isAmong(bits, space.bits))],
    ['residual', space.residual || architecture.blocks.every((block) => !block.residual)],
    ['downsample', within(architecture.downsample?.size ?? 1, space.downsample)],
    ['pool', pools.every((pool) => within(pool?.size ?? 1, space.pool))],
    ['poolTypes', [architecture.downsample, ...pools].every((pool) => pool === undefined || space.poolTypes.includes(pool.type))],
    ['branches', within(places.length, space.branches)],
    ['branches', places.every((from) => within(from, [0, architecture.blocks.length])) && new Set(places).size === places.length],
    ['heads', space.heads.includes(architecture.head)],
    ['dense', within(architecture.dense.length, space.dense)],
    ['units', [...architecture.dense, ...architecture.branches.map((branch) => branch.units)].every((units) => within(units, space.units))],
    ['learningRate', within(training.learningRate, space.learningRate)],
    ['weightDecay', within(training.weightDecay, space.weightDecay)],
    ['structured', within(pruning.structured, space.structured)],
    ['unstructured', within(pruning.unstructured, space.unstructured)],
    ['methods', isAmong(pruning.method, space.methods)],
  ];
  return tests.find(([, holds]) => !holds)?.[0];
}

/** Where there is something to choose from, one of it; else nothing. */
const isAmong = <Choice>(chosen: Choice | undefined, choices: readonly Choice[]): boolean =>
  choices.length === 0 ? chosen === undefined : chosen !== undefined && choices.includes(chosen);
