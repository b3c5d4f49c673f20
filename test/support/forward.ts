import { shapesOf } from '../../server/network/check.ts';
import { BATCH_NORM_EPSILON, INPUT, type Layer, type Network, type Parameters } from '../../server/network/network.ts';
import { elements, type Shape } from '../../server/network/shape.ts';
import { slide } from '../../server/network/window.ts';

/** The network in float64, layer by layer, written for nothing but to be right. Returns every layer's output by name. */
export function forward(network: Network, parameters: Parameters, sample: ArrayLike<number>): Map<string, Float64Array> {
  const shapes = shapesOf(network);
  const values = new Map<string, Float64Array>([[INPUT, Float64Array.from(sample)]]);
  for (const layer of network.layers) {
    const inputs = layer.inputs.map((name) => values.get(name)!);
    const inputShapes = layer.inputs.map((name) => shapes.get(name)!);
    values.set(layer.name, compute(layer, inputs, inputShapes, shapes.get(layer.name)!, parameters[layer.name] ?? {}));
  }
  return values;
}

type Tensors = { readonly [name: string]: Float32Array };

function compute(layer: Layer, inputs: Float64Array[], shapes: Shape[], shape: Shape, tensors: Tensors): Float64Array {
  const output = new Float64Array(elements(shape));
  const [input] = inputs;
  const [{ height, width, channels }] = shapes;
  const at = (y: number, x: number, c: number) =>
    y < 0 || y >= height || x < 0 || x >= width ? undefined : input[(y * width + x) * channels + c];
  const each = (visit: (y: number, x: number, c: number) => number) => {
    for (let y = 0, i = 0; y < shape.height; y++)
      for (let x = 0; x < shape.width; x++) for (let c = 0; c < shape.channels; c++) output[i++] = visit(y, x, c);
    return output;
  };
  const under = (y: number, x: number, visit: (iy: number, ix: number, ky: number, kx: number) => void) => {
    const kernel = 'kernel' in layer ? layer.kernel : ([height, width] as const);
    const dilation = ('dilation' in layer && layer.dilation) || ([1, 1] as const);
    const window =
      'kernel' in layer ? slide(shapes[0], layer.kernel, layer.stride, layer.padding, dilation) : slide(shapes[0], kernel, [1, 1], 'valid');
    if (typeof window === 'string') throw new Error(window);
    for (let ky = 0; ky < kernel[0]; ky++)
      for (let kx = 0; kx < kernel[1]; kx++)
        visit(y * window.strideY - window.padTop + ky * dilation[0], x * window.strideX - window.padLeft + kx * dilation[1], ky, kx);
  };
  switch (layer.op) {
    case 'conv2d':
      return each((y, x, f) => {
        let sum = tensors.bias[f];
        under(y, x, (iy, ix, ky, kx) => {
          for (let c = 0; c < channels; c++)
            sum += (at(iy, ix, c) ?? 0) * tensors.weight[((f * layer.kernel[0] + ky) * layer.kernel[1] + kx) * channels + c];
        });
        return sum;
      });
    case 'depthwise':
      return each((y, x, c) => {
        let sum = tensors.bias[c];
        under(y, x, (iy, ix, ky, kx) => (sum += (at(iy, ix, c) ?? 0) * tensors.weight[(ky * layer.kernel[1] + kx) * channels + c]));
        return sum;
      });
    case 'maxPool':
    case 'globalMaxPool':
      return each((y, x, c) => {
        let largest = Number.NEGATIVE_INFINITY;
        under(y, x, (iy, ix) => (largest = Math.max(largest, at(iy, ix, c) ?? Number.NEGATIVE_INFINITY)));
        return largest;
      });
    case 'averagePool':
    case 'globalAveragePool':
      return each((y, x, c) => {
        let sum = 0;
        let area = 0;
        under(y, x, (iy, ix) => {
          sum += at(iy, ix, c) ?? 0;
          area++;
        });
        return sum / area;
      });
    case 'dense':
      return output.map((_, unit) =>
        input.reduce((sum, value, i) => sum + value * tensors.weight[unit * input.length + i], tensors.bias[unit]),
      );
    case 'relu':
      return input.map((value) => Math.min(Math.max(value, 0), layer.max ?? Infinity));
    case 'batchNorm':
      return each((y, x, c) => {
        const centred = (at(y, x, c)! - tensors.mean[c]) / Math.sqrt(tensors.variance[c] + BATCH_NORM_EPSILON);
        return centred * tensors.gamma[c] + tensors.beta[c];
      });
    case 'add':
      return input.map((_, i) => inputs.reduce((sum, each) => sum + each[i], 0));
    case 'concat':
      return each((y, x, c) => {
        let k = 0;
        while (c >= shapes[k].channels) c -= shapes[k++].channels;
        return inputs[k][(y * width + x) * shapes[k].channels + c];
      });
    case 'flatten':
      return input;
  }
}
