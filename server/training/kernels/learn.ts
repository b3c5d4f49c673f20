import { Adam, Momentum, Reduce, Settings, Softmax } from '../commands';
import { fma, sum, zero } from './simd';

export function softmax(c: Softmax): void {
  const settings = changetype<Settings>(c.settings);
  const samples = <i32>settings.samples, scale = settings.lossScale;
  let loss: f32 = 0;
  for (let sample = 0; sample < 16; sample++) {
    const logits: usize = c.logits + (sample << 2), gradient: usize = c.gradient + (sample << 2);
    if (sample >= samples) {
      for (let k = 0; k < c.channels; k++) store<f32>(gradient + k * c.gradientChannel, 0);
      continue;
    }
    let most = load<f32>(logits);
    for (let k = 1; k < c.channels; k++) most = max(most, load<f32>(logits + k * c.logitsChannel));
    let total: f32 = 0;
    for (let k = 0; k < c.channels; k++) {
      const e = Mathf.exp(load<f32>(logits + k * c.logitsChannel) - most);
      store<f32>(gradient + k * c.gradientChannel, e);
      total += e;
    }
    const share = scale / total;
    for (let k = 0; k < c.channels; k++) {
      const at = gradient + k * c.gradientChannel;
      store<f32>(at, load<f32>(at) * share);
    }
    const label = load<i32>(c.labels + (sample << 2));
    loss += Mathf.log(total) + most - load<f32>(logits + label * c.logitsChannel);
    const at = gradient + label * c.gradientChannel;
    store<f32>(at, load<f32>(at) - scale);
  }
  store<f32>(c.loss, load<f32>(c.loss) + loss * scale);
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
