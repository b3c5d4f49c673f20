import * as layout from './commands.ts';

/** Every command: its operation and its fields in the order in which they lie in memory. */
const layouts = {
  convolve: [layout.CONVOLVE, new layout.Convolve()],
  convolveWeights: [layout.CONVOLVE_WEIGHTS, new layout.ConvolveWeights()],
  depthwise: [layout.DEPTHWISE, new layout.Depthwise()],
  depthwiseUnstride: [layout.DEPTHWISE_UNSTRIDE, new layout.DepthwiseUnstride()],
  depthwiseWeights: [layout.DEPTHWISE_WEIGHTS, new layout.DepthwiseWeights()],
  maxPool: [layout.MAX_POOL, new layout.Pool()],
  maxPoolGradient: [layout.MAX_POOL_GRADIENT, new layout.PoolGradient()],
  averagePool: [layout.AVERAGE_POOL, new layout.Pool()],
  averagePoolGradient: [layout.AVERAGE_POOL_GRADIENT, new layout.PoolGradient()],
  transfer: [layout.TRANSFER, new layout.Transfer()],
  normalise: [layout.NORMALISE, new layout.Normalise()],
  normaliseGradient: [layout.NORMALISE_GRADIENT, new layout.NormaliseGradient()],
  softmax: [layout.SOFTMAX, new layout.Softmax()],
  gather: [layout.GATHER, new layout.Gather()],
  permute: [layout.PERMUTE, new layout.Permute()],
  reduce: [layout.REDUCE, new layout.Reduce()],
  adam: [layout.ADAM, new layout.Adam()],
  range: [layout.RANGE, new layout.Range()],
  shift: [layout.SHIFT, new layout.Shift()],
  warp: [layout.WARP, new layout.Warp()],
  momentum: [layout.MOMENTUM, new layout.Momentum()],
  requantize: [layout.REQUANTIZE, new layout.Requantize()],
  stepGradient: [layout.STEP_GRADIENT, new layout.StepGradient()],
  requantizeGradient: [layout.REQUANTIZE_GRADIENT, new layout.RequantizeGradient()],
  skip: [layout.SKIP, new layout.Skip()],
  winogradInput: [layout.WINOGRAD_INPUT, new layout.WinogradInput()],
  winogradOutput: [layout.WINOGRAD_OUTPUT, new layout.WinogradOutput()],
  winogradGradient: [layout.WINOGRAD_GRADIENT, new layout.WinogradGradient()],
  winogradInputGradient: [layout.WINOGRAD_INPUT_GRADIENT, new layout.WinogradInputGradient()],
  winogradWeights: [layout.WINOGRAD_WEIGHTS, new layout.WinogradWeights()],
  winogradWeightsGradient: [layout.WINOGRAD_WEIGHTS_GRADIENT, new layout.WinogradWeightsGradient()],
} as const;

type Layouts = typeof layouts;
export type CommandName = keyof Layouts;
/** One call of a kernel, encoded: operation, count of fields, fields. */
export type Command = readonly number[];

export function command<Name extends CommandName>(name: Name, fields: { readonly [Field in keyof Layouts[Name][1]]: number }): Command {
  const [operation, order] = layouts[name];
  const keys = Object.keys(order) as (keyof typeof fields)[];
  return [operation, keys.length, ...keys.map((key) => fields[key])];
}

export const encode = (commands: readonly Command[]): Int32Array => Int32Array.from(commands.flat());

/** Where each setting lies in the settings' f32 array. */
export const settingIndex = Object.fromEntries(Object.keys(new layout.Settings()).map((key, index) => [key, index])) as {
  readonly [Setting in keyof layout.Settings]: number;
};
