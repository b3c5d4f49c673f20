import { Adam, Momentum, Reduce, Settings, Softmax } from '../commands/learn';
import { fma, sum, zero } from './simd';

/** Of each of 16 samples the largest logit, and the sum of the exponentials of all logits less it. */
const MOST = memory.data(64), TOTAL = memory.data(64);

export function softmax(c: Softmax): void {
  const settings = changetype<Settings>(c.settings);
  const samples = <i32>settings.samples, scale = settings.lossScale;
  for (let vector = 0; vector < 4; vector++) fourSamples(c, vector, samples, scale);
  let loss: f32 = 0;
  for (let sample = 0; sample < samples; sample++) {
    const lane = sample << 2, label = load<i32>(c.labels + lane);
    const most = load<f32>(MOST + lane), total = load<f32>(TOTAL + lane);
    loss += Mathf.log(total) + most - load<f32>(c.logits + lane + label * c.logitsChannel);
    const at = c.gradient + lane + label * c.gradientChannel;
    store<f32>(at, load<f32>(at) - scale);
  }
  store<f32>(c.loss, load<f32>(c.loss) + loss * scale);
}

/** The probabilities, times `scale`; zero for samples that are not valid. */
function fourSamples(c: Softmax, vector: i32, samples: i32, scale: f32): void {
  const logits: usize = c.logits + (vector << 4), gradient: usize = c.gradient + (vector << 4);
  let most = v128.load(logits);
  for (let k = 1; k < c.channels; k++) most = f32x4.max(most, v128.load(logits + k * c.logitsChannel));
  let total = zero();
  for (let k = 0; k < c.channels; k++) {
    const e = exponential(f32x4.sub(v128.load(logits + k * c.logitsChannel), most));
    v128.store(gradient + k * c.gradientChannel, e);
    total = f32x4.add(total, e);
  }
  const valid = i32x4.lt_s(i32x4.add(i32x4.splat(vector << 2), i32x4(0, 1, 2, 3)), i32x4.splat(samples));
  const share = f32x4.div(f32x4.splat(scale), total);
  for (let k = 0; k < c.channels; k++) {
    const at = gradient + k * c.gradientChannel;
    v128.store(at, v128.and(valid, f32x4.mul(v128.load(at), share)));
  }
  v128.store(MOST + (vector << 4), most);
  v128.store(TOTAL + (vector << 4), total);
}

/**
 * Of numbers up to 0, to the last bit or two: 2^n times the series of what is left, |r| <= ln(2) / 2; below -87 it is that of -87.
 * Not a number stays so.
 */
function exponential(numbers: v128): v128 {
  const x = f32x4.pmax(numbers, f32x4.splat(-87));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504)));
  // ln(2) in two parts, the first exact in few bits.
  const r = fma(n, f32x4.splat(2.12194440e-4), fma(n, f32x4.splat(-0.693359375), x));
  let series = fma(r, f32x4.splat(1 / 720.0), f32x4.splat(1 / 120.0));
  series = fma(series, r, f32x4.splat(1 / 24.0));
  series = fma(series, r, f32x4.splat(1 / 6.0));
  series = fma(series, r, f32x4.splat(0.5));
  series = fma(series, r, f32x4.splat(1));
  series = fma(series, r, f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(series, power);
}

export function reduce(c: Reduce): void {
  let from: usize = c.sums, to: usize = c.gradient;
  for (let i = 0; i < c.count; i++) {
    store<f32>(to, sum(v128.load(from)));
    v128.store(from, zero());
    from += 16;
    to += 4;
  }
}

/** Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019). */
export function adam(c: Adam): void {
  const settings = changetype<Settings>(c.settings);
  const one = f32x4.splat(1), rate = f32x4.splat(settings.rate), epsilon = f32x4.splat(settings.epsilon);
  const beta1 = f32x4.splat(settings.beta1), beta2 = f32x4.splat(settings.beta2);
  const rest1 = f32x4.sub(one, beta1), rest2 = f32x4.sub(one, beta2);
  const kept = f32x4.splat(c.decays ? <f32>1 - settings.decay : <f32>1);
  const bytes: usize = c.count << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    const g = v128.load(c.gradient + i);
    const m = fma(g, rest1, f32x4.mul(v128.load(c.mean + i), beta1));
    const v = fma(f32x4.mul(g, g), rest2, f32x4.mul(v128.load(c.variance + i), beta2));
    v128.store(c.mean + i, m);
    v128.store(c.variance + i, v);
    const step = f32x4.div(f32x4.mul(rate, m), f32x4.add(f32x4.sqrt(v), epsilon));
    const next = f32x4.sub(f32x4.mul(v128.load(c.weights + i), kept), step);
    v128.store(c.weights + i, v128.and(next, v128.load(c.keep + i)));
  }
}

/** SGD: velocity = momentum * velocity + gradient, with decoupled weight decay as in `adam` (SGDW). */
export function momentum(c: Momentum): void {
  const settings = changetype<Settings>(c.settings);
  const rate = f32x4.splat(settings.rate), share = f32x4.splat(settings.momentum);
  const kept = f32x4.splat(c.decays ? <f32>1 - settings.decay : <f32>1);
  const bytes: usize = c.count << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = fma(v128.load(c.velocity + i), share, v128.load(c.gradient + i));
    v128.store(c.velocity + i, v);
    const next = f32x4.sub(f32x4.mul(v128.load(c.weights + i), kept), f32x4.mul(rate, v));
    v128.store(c.weights + i, v128.and(next, v128.load(c.keep + i)));
  }
}
