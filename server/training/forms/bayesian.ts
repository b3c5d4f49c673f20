import type { Random } from '../../random.ts';
import { createAdam } from './adam.ts';
import { divergenceSlope, logAlphaOf, logAlphaSlope } from './divergence.ts';
import type { Form, Layout } from './form.ts';
import { createNoise } from './noise.ts';

/** Log variances in the beginning. */
const QUIET = -9;

/**
 * Bayesian compression with the normal-Jeffreys prior (Louizos, Ullrich and Welling 2017): weight = z * w, with one scale z ~ N(mean, variance)
 * for each group and w ~ N(learned weight, variance) against a standard normal. Drawn once for each block of 16 samples, as in `variational`.
 */
export function bayesian({ size, layers, keep }: Layout, random: Random): Form {
  const noise = createNoise(random.fork('noise'));
  const initial = random.fork('initial');
  const logVariance = Float32Array.from({ length: size }, () => QUIET + 0.01 * initial.normal());
  const scales = groupsOf(layers);
  const mean = Float32Array.from({ length: scales.count }, () => 1 + 0.01 * initial.normal());
  const logSpread = Float32Array.from({ length: scales.count }, () => QUIET + 0.01 * initial.normal());
  const [drawn, deviation, slopes] = [new Float32Array(size), new Float32Array(size), new Float32Array(size)];
  const [drawnScale, scale] = [new Float32Array(scales.count), new Float32Array(scales.count)];
  const [meanSlopes, spreadSlopes] = [new Float32Array(scales.count), new Float32Array(scales.count)];
  const [ofVariance, ofMean, ofSpread] = [createAdam(size), createAdam(scales.count), createAdam(scales.count)];
  const { used, group } = scales;
  const ofWeights = (values: Float32Array) => {
    const spread = new Float32Array(size);
    used.forEach((i, at) => {
      spread[i] = values[group[at]];
    });
    return spread;
  };
  /** What there is one of for each group: kept once for each of its weights, so that it stays while any of them does. */
  const grouped = {
    scaleMean: mean,
    scaleLogSpread: logSpread,
    scaleMeanFirst: ofMean.first,
    scaleMeanSecond: ofMean.second,
    scaleLogSpreadFirst: ofSpread.first,
    scaleLogSpreadSecond: ofSpread.second,
  };
  return {
    perBlock: true,
    get tensors() {
      const kept = { logVariance, logVarianceFirst: ofVariance.first, logVarianceSecond: ofVariance.second };
      return { ...kept, ...Object.fromEntries(Object.entries(grouped).map(([role, values]) => [role, ofWeights(values)])) };
    },
    resume(steps, tensors) {
      for (const adam of [ofVariance, ofMean, ofSpread]) adam.resume(steps);
      for (const [role, values] of Object.entries(grouped)) {
        used.forEach((i, at) => {
          values[group[at]] = tensors[role][i];
        });
      }
    },
    draw(weights, learned, offsets) {
      noise(drawn, offsets);
      noise(drawnScale, offsets);
      for (let g = 0; g < scales.count; g++) scale[g] = mean[g] + Math.exp(logSpread[g] / 2) * drawnScale[g];
      for (let at = 0; at < used.length; at++) {
        const i = used[at];
        deviation[i] = keep[i] === 0 ? 0 : Math.exp(logVariance[i] / 2);
        weights[i] = scale[group[at]] * (learned[i] + deviation[i] * drawn[i]);
      }
    },
    collect(gradient, learned) {
      for (let at = 0; at < used.length; at++) {
        const i = used[at];
        const g = group[at];
        const ofScale = gradient[i] * (learned[i] + deviation[i] * drawn[i]);
        meanSlopes[g] += ofScale;
        spreadSlopes[g] += (ofScale * drawnScale[g] * Math.exp(logSpread[g] / 2)) / 2;
        gradient[i] *= scale[g];
        slopes[i] += (gradient[i] * drawn[i] * deviation[i]) / 2;
      }
    },
    finish(gradient, learned, { learningRate, divergence = 1 }, items) {
      const share = divergence / items;
      for (const i of used) {
        gradient[i] += share * learned[i];
        slopes[i] += (share * (Math.exp(logVariance[i]) - 1)) / 2;
      }
      for (let g = 0; g < scales.count; g++) {
        const slope = share * divergenceSlope(logAlphaOf(mean[g], logSpread[g]));
        meanSlopes[g] += slope * logAlphaSlope(mean[g]);
        spreadSlopes[g] += slope;
      }
      ofVariance.step(logVariance, slopes, learningRate);
      ofMean.step(mean, meanSlopes, learningRate);
      ofSpread.step(logSpread, spreadSlopes, learningRate);
      for (const each of [slopes, meanSlopes, spreadSlopes]) each.fill(0);
    },
    settle(weights, learned) {
      for (let at = 0; at < used.length; at++) weights[used[at]] = mean[group[at]] * learned[used[at]];
    },
    write(values) {
      for (let at = 0; at < used.length; at++) if (values[used[at]] !== 0) values[used[at]] /= mean[group[at]];
    },
    logAlpha: () => ofWeights(mean.map((value, g) => logAlphaOf(value, logSpread[g]))),
  };
}

/** All weights in use, and the group of each, numbered through the network. */
function groupsOf(layers: Layout['layers']): { used: Int32Array; group: Int32Array; count: number } {
  const used: number[] = [];
  const group: number[] = [];
  let count = 0;
  for (const { index, groups } of layers) {
    index.forEach((place, weight) => {
      used.push(place);
      group.push(count + groups.of(weight));
    });
    count += groups.count;
  }
  return { used: Int32Array.from(used), group: Int32Array.from(group), count };
}
