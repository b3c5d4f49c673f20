import { Normalise, NormaliseGradient, Settings } from '../commands';
import { fma, PIXEL, rectify, sum, zero } from './simd';

/** Added to the variance: the network room's BATCH_NORM_EPSILON. */
const EPSILON: f32 = 1e-3;

export function normalise(c: Normalise): void {
  const follow = changetype<Settings>(c.settings).follow;
  for (let channel = 0; channel < c.channels; channel++) {
    const statistics: usize = c.statistics + (channel << 3);
    const running: usize = c.mean + (channel << 2), variance: usize = c.variance + (channel << 2);
    if (c.inference) {
      store<f32>(statistics, load<f32>(running));
      store<f32>(statistics, <f32>1 / sqrt<f32>(load<f32>(variance) + EPSILON), 4);
    } else {
      const blockMean = mean(c, channel), blockVariance = spread(c, channel, blockMean);
      store<f32>(statistics, blockMean);
      store<f32>(statistics, <f32>1 / sqrt<f32>(blockVariance + EPSILON), 4);
      // Exponentially weighted moments of the values, the variation between blocks included.
      const shift = blockMean - load<f32>(running);
      store<f32>(running, load<f32>(running) + follow * shift);
      store<f32>(variance, (<f32>1 - follow) * (load<f32>(variance) + follow * shift * shift) + follow * blockVariance);
    }
    apply(c, channel);
  }
}

function apply(c: Normalise, channel: i32): void {
  const statistics: usize = c.statistics + (channel << 3);
  const scale = load<f32>(c.gamma + (channel << 2)) * load<f32>(statistics, 4);
  const shift = load<f32>(c.beta + (channel << 2)) - load<f32>(statistics) * scale;
  const factor = f32x4.splat(scale), offset = f32x4.splat(shift);
  const bytes: usize = c.columns * PIXEL;
  for (let y = 0; y < c.rows; y++) {
    const input: usize = c.input + channel * c.inputChannel + y * c.inputRow;
    const output: usize = c.output + channel * c.outputChannel + y * c.outputRow;
    for (let j: usize = 0; j < bytes; j += 16) {
      const x = fma(v128.load(input + j), factor, offset);
      v128.store(output + j, c.relu ? rectify(x) : x);
    }
  }
}

@inline
function values(settings: i32, rows: i32, columns: i32): f32 {
  return changetype<Settings>(settings).samples * <f32>(rows * columns);
}

/** The mean of the channel over the block's valid samples. */
function mean(c: Normalise, channel: i32): f32 {
  let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
  for (let y = 0; y < c.rows; y++) {
    let input: usize = c.input + channel * c.inputChannel + y * c.inputRow;
    for (let x = 0; x < c.columns; x++) {
      s0 = f32x4.add(s0, v128.load(input));
      s1 = f32x4.add(s1, v128.load(input, 16));
      s2 = f32x4.add(s2, v128.load(input, 32));
      s3 = f32x4.add(s3, v128.load(input, 48));
      input += PIXEL;
    }
  }
  return masked(c.lanes, s0, s1, s2, s3) / values(c.settings, c.rows, c.columns);
}

function spread(c: Normalise, channel: i32, mean: f32): f32 {
  const centre = f32x4.splat(mean);
  let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
  for (let y = 0; y < c.rows; y++) {
    let input: usize = c.input + channel * c.inputChannel + y * c.inputRow;
    for (let x = 0; x < c.columns; x++) {
      const d0 = f32x4.sub(v128.load(input), centre), d1 = f32x4.sub(v128.load(input, 16), centre);
      const d2 = f32x4.sub(v128.load(input, 32), centre), d3 = f32x4.sub(v128.load(input, 48), centre);
      s0 = fma(d0, d0, s0);
      s1 = fma(d1, d1, s1);
      s2 = fma(d2, d2, s2);
      s3 = fma(d3, d3, s3);
      input += PIXEL;
    }
  }
  return masked(c.lanes, s0, s1, s2, s3) / values(c.settings, c.rows, c.columns);
}

@inline
function masked(lanes: i32, s0: v128, s1: v128, s2: v128, s3: v128): f32 {
  const low = f32x4.add(v128.and(s0, v128.load(lanes)), v128.and(s1, v128.load(lanes, 16)));
  const high = f32x4.add(v128.and(s2, v128.load(lanes, 32)), v128.and(s3, v128.load(lanes, 48)));
  return sum(f32x4.add(low, high));
}

/**
 * With h the normalised input and g the output's gradient: d beta = sum g, d gamma = sum g h, and
 * d input = gamma / deviation * (g - mean(g) - h * mean(g h)). Gradients of samples that are not valid are zero and stay so.
 */
export function normaliseGradient(c: NormaliseGradient): void {
  const count = values(c.settings, c.rows, c.columns);
  const bytes: usize = c.columns * PIXEL;
  for (let channel = 0; channel < c.channels; channel++) {
    const mean = load<f32>(c.statistics + (channel << 3)), inverse = load<f32>(c.statistics + (channel << 3), 4);
    const scale = f32x4.splat(inverse), offset = f32x4.splat(-mean * inverse);
    let sumG = zero(), sumGh = zero();
    for (let y = 0; y < c.rows; y++) {
      const input: usize = c.input + channel * c.inputChannel + y * c.inputRow;
      const gradient: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow;
      for (let j: usize = 0; j < bytes; j += 16) {
        const g = v128.load(gradient + j), h = fma(v128.load(input + j), scale, offset);
        sumG = f32x4.add(sumG, g);
        sumGh = fma(g, h, sumGh);
      }
    }
    const gammaSums: usize = c.gammaSums + (channel << 4), betaSums: usize = c.betaSums + (channel << 4);
    v128.store(gammaSums, f32x4.add(v128.load(gammaSums), sumGh));
    v128.store(betaSums, f32x4.add(v128.load(betaSums), sumG));
    const factor = f32x4.splat(load<f32>(c.gamma + (channel << 2)) * inverse);
    const meanG = f32x4.splat(sum(sumG) / count), meanGh = f32x4.splat(sum(sumGh) / count);
    for (let y = 0; y < c.rows; y++) {
      const input: usize = c.input + channel * c.inputChannel + y * c.inputRow;
      const gradient: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow;
      const output: usize = c.inputGradient + channel * c.inputGradientChannel + y * c.inputGradientRow;
      for (let j: usize = 0; j < bytes; j += 16) {
        const h = fma(v128.load(input + j), scale, offset);
        const centred = f32x4.sub(f32x4.sub(v128.load(gradient + j), meanG), f32x4.mul(h, meanGh));
        v128.store(output + j, v128.and(f32x4.mul(centred, factor), v128.load(c.lanes + (j & 63))));
      }
    }
  }
}
