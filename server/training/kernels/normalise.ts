import { Settings } from '../commands/learn';
import { Normalise, NormaliseGradient } from '../commands/normalise';
import { fma, PIXEL, rectify, sum, zero } from './simd';
import { together } from './wide/pair';

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
      const moments = momentsOf(c, channel);
      const blockMean = f32x4.extract_lane(moments, 0), blockVariance = f32x4.extract_lane(moments, 1);
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
  if (c.relu) applyRectified(c, channel);
  else applyPlain(c, channel);
}
function applyRectified(c: Normalise, channel: i32): void {
  applyRows(c, channel, true);
}
function applyPlain(c: Normalise, channel: i32): void {
  applyRows(c, channel, false);
}

/** `relu` is a constant at each call. */
@inline
function applyRows(c: Normalise, channel: i32, relu: bool): void {
  const statistics: usize = c.statistics + (channel << 3);
  const scale = load<f32>(c.gamma + (channel << 2)) * load<f32>(statistics, 4);
  const shift = load<f32>(c.beta + (channel << 2)) - load<f32>(statistics) * scale;
  const factor = f32x4.splat(scale), offset = f32x4.splat(shift);
  for (let y = 0; y < c.rows; y++) {
    let input: usize = c.input + channel * c.inputChannel + y * c.inputRow;
    let output: usize = c.output + channel * c.outputChannel + y * c.outputRow;
    const end: usize = input + c.columns * PIXEL;
    do {
      const x0 = fma(v128.load(input), factor, offset), x1 = fma(v128.load(input, 16), factor, offset);
      const x2 = fma(v128.load(input, 32), factor, offset), x3 = fma(v128.load(input, 48), factor, offset);
      v128.store(output, relu ? rectify(x0) : x0);
      v128.store(output, relu ? rectify(x1) : x1, 16);
      v128.store(output, relu ? rectify(x2) : x2, 32);
      v128.store(output, relu ? rectify(x3) : x3, 48);
      input += PIXEL;
      output += PIXEL;
    } while (input < end);
  }
}

@inline
function values(settings: i32, rows: i32, columns: i32): f32 {
  return changetype<Settings>(settings).samples * <f32>(rows * columns);
}

/**
 * The mean and the variance of the channel over the block's valid samples, in the first two lanes: of what is left when the mean of the first
 * row is taken off, so that little cancels in one pass.
 */
function momentsOf(c: Normalise, channel: i32): v128 {
  const plane: usize = c.input + channel * c.inputChannel, count = values(c.settings, c.rows, c.columns);
  const centre: f32 = rowSum(plane, c.columns, c.lanes) / values(c.settings, 1, c.columns), by = f32x4.splat(centre);
  let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero(), q0 = zero(), q1 = zero(), q2 = zero(), q3 = zero();
  for (let y = 0; y < c.rows; y++) {
    let input: usize = plane + y * c.inputRow;
    const end: usize = input + c.columns * PIXEL;
    do {
      const d0 = f32x4.sub(v128.load(input), by), d1 = f32x4.sub(v128.load(input, 16), by);
      const d2 = f32x4.sub(v128.load(input, 32), by), d3 = f32x4.sub(v128.load(input, 48), by);
      s0 = f32x4.add(s0, d0);
      s1 = f32x4.add(s1, d1);
      s2 = f32x4.add(s2, d2);
      s3 = f32x4.add(s3, d3);
      // Sums wait for each other longer where products are fused with them.
      q0 = f32x4.add(q0, f32x4.mul(d0, d0));
      q1 = f32x4.add(q1, f32x4.mul(d1, d1));
      q2 = f32x4.add(q2, f32x4.mul(d2, d2));
      q3 = f32x4.add(q3, f32x4.mul(d3, d3));
      input += PIXEL;
    } while (input < end);
  }
  const shift: f32 = masked(c.lanes, s0, s1, s2, s3) / count, square: f32 = masked(c.lanes, q0, q1, q2, q3) / count;
  return f32x4.replace_lane(f32x4.splat(centre + shift), 1, max<f32>(square - shift * shift, 0));
}

function rowSum(row: usize, columns: i32, lanes: i32): f32 {
  let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
  for (const end: usize = row + columns * PIXEL; row < end; row += PIXEL) {
    s0 = f32x4.add(s0, v128.load(row));
    s1 = f32x4.add(s1, v128.load(row, 16));
    s2 = f32x4.add(s2, v128.load(row, 32));
    s3 = f32x4.add(s3, v128.load(row, 48));
  }
  return masked(lanes, s0, s1, s2, s3);
}

@inline
function masked(lanes: i32, s0: v128, s1: v128, s2: v128, s3: v128): f32 {
  return sum(
    together(v128.and(s0, v128.load(lanes)), v128.and(s1, v128.load(lanes, 16)), v128.and(s2, v128.load(lanes, 32)), v128.and(s3, v128.load(lanes, 48))),
  );
}

/**
 * With h the normalised input and g the output's gradient: d beta = sum g, d gamma = sum g h, and
 * d input = gamma / deviation * (g - mean(g) - h * mean(g h)). Gradients of samples that are not valid are zero and stay so.
 */
export function normaliseGradient(c: NormaliseGradient): void {
  const count = values(c.settings, c.rows, c.columns);
  for (let channel = 0; channel < c.channels; channel++) {
    const mean = load<f32>(c.statistics + (channel << 3)), inverse = load<f32>(c.statistics + (channel << 3), 4);
    const gammaSums: usize = c.gammaSums + (channel << 4), betaSums: usize = c.betaSums + (channel << 4);
    const offset: f32 = -mean * inverse;
    const sums = addGradient(c, channel, inverse, offset, gammaSums, betaSums);
    const factor = load<f32>(c.gamma + (channel << 2)) * inverse;
    const meanG = f32x4.extract_lane(sums, 0) / count, meanGh = f32x4.extract_lane(sums, 1) / count;
    write(c, channel, inverse, offset, meanG, meanGh, factor);
  }
}

/** Adds up g and g h, and returns both sums, in the first two lanes. */
function addGradient(c: NormaliseGradient, channel: i32, inverse: f32, offset: f32, gammaSums: usize, betaSums: usize): v128 {
  const scale = f32x4.splat(inverse), shift = f32x4.splat(offset);
  let g0 = zero(), g1 = zero(), g2 = zero(), g3 = zero(), h0 = zero(), h1 = zero(), h2 = zero(), h3 = zero();
  for (let y = 0; y < c.rows; y++) {
    let input: usize = c.input + channel * c.inputChannel + y * c.inputRow;
    let gradient: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow;
    const end: usize = input + c.columns * PIXEL;
    do {
      const first = v128.load(gradient), second = v128.load(gradient, 16), third = v128.load(gradient, 32), fourth = v128.load(gradient, 48);
      g0 = f32x4.add(g0, first);
      g1 = f32x4.add(g1, second);
      g2 = f32x4.add(g2, third);
      g3 = f32x4.add(g3, fourth);
      h0 = f32x4.add(h0, f32x4.mul(first, fma(v128.load(input), scale, shift)));
      h1 = f32x4.add(h1, f32x4.mul(second, fma(v128.load(input, 16), scale, shift)));
      h2 = f32x4.add(h2, f32x4.mul(third, fma(v128.load(input, 32), scale, shift)));
      h3 = f32x4.add(h3, f32x4.mul(fourth, fma(v128.load(input, 48), scale, shift)));
      input += PIXEL;
      gradient += PIXEL;
    } while (input < end);
  }
  const g = together(g0, g1, g2, g3), h = together(h0, h1, h2, h3);
  v128.store(gammaSums, f32x4.add(v128.load(gammaSums), h));
  v128.store(betaSums, f32x4.add(v128.load(betaSums), g));
  return f32x4.replace_lane(f32x4.splat(sum(g)), 1, sum(h));
}

function write(c: NormaliseGradient, channel: i32, inverse: f32, offset: f32, meanG: f32, meanGh: f32, factor: f32): void {
  const scale = f32x4.splat(inverse), shift = f32x4.splat(offset);
  const centre = f32x4.splat(meanG), slope = f32x4.splat(-meanGh), by = f32x4.splat(factor);
  const lanes: usize = c.lanes;
  for (let y = 0; y < c.rows; y++) {
    let input: usize = c.input + channel * c.inputChannel + y * c.inputRow;
    let gradient: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow;
    let output: usize = c.inputGradient + channel * c.inputGradientChannel + y * c.inputGradientRow;
    const end: usize = input + c.columns * PIXEL;
    do {
      const g0 = centred(v128.load(input), v128.load(gradient), scale, shift, centre, slope, by);
      const g1 = centred(v128.load(input, 16), v128.load(gradient, 16), scale, shift, centre, slope, by);
      const g2 = centred(v128.load(input, 32), v128.load(gradient, 32), scale, shift, centre, slope, by);
      const g3 = centred(v128.load(input, 48), v128.load(gradient, 48), scale, shift, centre, slope, by);
      const low = v128.and(v128.load(lanes), g0), high = v128.and(v128.load(lanes, 16), g1);
      v128.store(output, low);
      v128.store(output, high, 16);
      const low2 = v128.and(v128.load(lanes, 32), g2), high2 = v128.and(v128.load(lanes, 48), g3);
      v128.store(output, low2, 32);
      v128.store(output, high2, 48);
      input += PIXEL;
      gradient += PIXEL;
      output += PIXEL;
    } while (input < end);
  }
}

@inline
function centred(x: v128, g: v128, scale: v128, shift: v128, centre: v128, slope: v128, by: v128): v128 {
  return f32x4.mul(fma(fma(x, scale, shift), slope, f32x4.sub(g, centre)), by);
}
