import { integerIn } from '../sample.ts';
import { bridged, bridgeEnd } from '../settle.ts';
import { another, type Morph, type Place, pickLayer, wholeNumbers, withArchitecture, withLayer } from './morph.ts';
import { stepped } from './step.ts';

export const changeType: Morph = (genotype, space, random) => {
  const place = pickLayer(genotype, random);
  const type = place && another(space.ops, place.layer.type, random);
  if (!place || !type) return undefined;
  const { reduction: _, ...common } = place.layer;
  return withLayer(genotype, place, {
    ...common,
    type,
    ...(type === 'bottleneck' ? { reduction: integerIn(space.reduction, random) } : {}),
  });
};

export const changeReduction: Morph = (genotype, space, random) => {
  const place = pickLayer(genotype, random, ({ layer }) => layer.type === 'bottleneck');
  const reduction = place && another(wholeNumbers(space.reduction), place.layer.reduction, random);
  return place && reduction ? withLayer(genotype, place, { ...place.layer, reduction }) : undefined;
};

export const changeFilters: Morph = (genotype, space, random) => {
  const place = pickLayer(genotype, random, ({ block, layerIndex }) => !bridgeEnd(block, layerIndex));
  const filters = place && stepped(place.layer.filters, space.filters, random);
  return place && filters ? withLayer(genotype, place, { ...place.layer, filters }) : undefined;
};

export const changeKernel: Morph = (genotype, space, random) => {
  const place = pickLayer(genotype, random);
  const kernel = place && another(wholeNumbers(space.kernel), place.layer.kernel, random);
  return place && kernel ? withLayer(genotype, place, { ...place.layer, kernel }) : undefined;
};

export const changeStride: Morph = (genotype, space, random) => {
  const place = pickLayer(genotype, random, unbridged);
  const stride = place && another(wholeNumbers(space.stride), place.layer.stride, random);
  return place && stride ? withLayer(genotype, place, { ...place.layer, stride }) : undefined;
};

export const changePadding: Morph = (genotype, space, random) => {
  const place = pickLayer(genotype, random, unbridged);
  const padding = place && another(space.padding, place.layer.padding, random);
  return place && padding ? withLayer(genotype, place, { ...place.layer, padding }) : undefined;
};

export const changeBatchNorm: Morph = (genotype, space, random) => {
  const place = pickLayer(genotype, random);
  const batchNorm = place && another(space.batchNorm, place.layer.batchNorm, random);
  return place && batchNorm !== undefined ? withLayer(genotype, place, { ...place.layer, batchNorm }) : undefined;
};

/** Of one layer, or of the dense part. */
export const changeBits: Morph = (genotype, space, random) => {
  const { denseBits } = genotype.architecture;
  const place = random.next() < DENSE ? undefined : pickLayer(genotype, random);
  const bits = another(space.bits, place ? place.layer.bits : denseBits, random);
  if (bits === undefined) return undefined;
  return place ? withLayer(genotype, place, { ...place.layer, bits }) : withArchitecture(genotype, { denseBits: bits });
};

/** How often it is the dense part. */
const DENSE = 0.3;

const unbridged = ({ block, layerIndex }: Place): boolean => !bridged(block, layerIndex);
