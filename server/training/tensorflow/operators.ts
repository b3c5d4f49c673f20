import { dilationOf, type Layer, type LayerOf, type OpName } from '../../network/network.ts';
import { type Padding, type Pair, slide } from '../../network/window.ts';
import type { Maps, Tensor, Tensorflow } from './library.ts';

/** What an operator computes of its inputs with its parameters. Batch norm is absent: it depends on the mode (`forward.ts`). */
type Operate<Name extends OpName = OpName> = (
  tf: Tensorflow,
  layer: LayerOf<Name>,
  inputs: readonly Maps[],
  parameters: { readonly [tensor: string]: Tensor },
) => Maps;

const operates = {
  conv2d(tf, layer, [x], { weight, bias }) {
    const filter = spread(tf, tf.transpose(weight as Maps, [1, 2, 3, 0]), dilationOf(layer));
    return tf.add(tf.conv2d(x, filter, [...layer.stride], layer.padding), bias);
  },

  depthwise(tf, layer, [x], { weight, bias }) {
    const filter = spread(tf, tf.expandDims(weight, 3) as Maps, dilationOf(layer));
    return tf.add(slideDepthwise(tf, x, filter, layer.stride, layer.padding), bias);
  },

  dense: (tf, { units }, [x], { weight, bias }) => {
    const sums = tf.matMul(tf.reshape(x, [x.shape[0], -1]), weight, false, true);
    return tf.reshape(tf.add(sums, bias), [-1, 1, 1, units]);
  },

  maxPool: (tf, { kernel, stride, padding }, [x]) => tf.maxPool(x, [...kernel], [...stride], padding),

  /** The padding is made of zeros that count; TensorFlow's own does not count. */
  averagePool: (tf, { kernel, stride, padding }, [x]) =>
    tf.avgPool(padded(tf, x, kernel, stride, padding), [...kernel], [...stride], 'valid'),

  /** As a pool: where several values are the largest, the gradient goes to the first, while `tf.max` gives it to all. */
  globalMaxPool: (tf, _layer, [x]) => tf.maxPool(x, [x.shape[1], x.shape[2]], 1, 'valid'),

  globalAveragePool: (tf, _layer, [x]) => tf.mean(x, [1, 2], true),

  relu: (tf, { max }, [x]) => (max === undefined ? tf.relu(x) : tf.minimum(tf.relu(x), max)),
  add: (tf, _layer, inputs) => tf.addN([...inputs]),
  concat: (tf, _layer, inputs) => tf.concat([...inputs], 3),
  flatten: (tf, _layer, [x]) => tf.reshape(x, [x.shape[0], 1, 1, -1]),
} satisfies { [Name in Exclude<OpName, 'batchNorm'>]: Operate<Name> };

export const operateOf = (layer: Exclude<Layer, LayerOf<'batchNorm'>>): Operate => operates[layer.op] as Operate;

/** A filter [rows, columns, inputs, outputs] with zeros between its taps: TensorFlow has no gradients of dilated convolutions. */
function spread(tf: Tensorflow, filter: Maps, [down, right]: Pair): Maps {
  if (down * right === 1) return filter;
  const [rows, columns, inputs, outputs] = filter.shape;
  const apart = (x: Tensor, taps: number, step: number, rest: number): Tensor => {
    const padded = tf.pad(tf.reshape(x, [-1, taps, 1, rest]), [
      [0, 0],
      [0, 0],
      [0, step - 1],
      [0, 0],
    ]);
    const span = (taps - 1) * step + 1;
    return tf.slice(tf.reshape(padded, [-1, taps * step, rest]), [0, 0, 0], [-1, span, rest]);
  };
  const spanX = (columns - 1) * right + 1;
  const wide = apart(filter, columns, right, inputs * outputs);
  return tf.reshape(apart(wide, rows, down, spanX * inputs * outputs), [(rows - 1) * down + 1, spanX, inputs, outputs]) as Maps;
}

/** TensorFlow in C++ takes one stride for both axes: where they differ, the rows and columns between are computed and left out. */
function slideDepthwise(tf: Tensorflow, x: Maps, filter: Maps, stride: Pair, padding: Padding): Maps {
  if (stride[0] === stride[1]) return tf.depthwiseConv2d(x, filter, stride[0], padding);
  const every = tf.depthwiseConv2d(padded(tf, x, [filter.shape[0], filter.shape[1]], stride, padding), filter, 1, 'valid');
  const kept = (axis: 1 | 2) => tf.range(0, every.shape[axis], stride[axis - 1], 'int32');
  return tf.gather(tf.gather(every, kept(1), 1), kept(2), 2);
}

function padded(tf: Tensorflow, x: Maps, kernel: Pair, stride: Pair, padding: Padding): Maps {
  const [, height, width, channels] = x.shape;
  const window = slide({ height, width, channels }, kernel, stride, padding);
  if (typeof window === 'string') throw new Error(window);
  const { padTop, padLeft, rows, columns } = window;
  const below = Math.max(0, (rows - 1) * stride[0] + kernel[0] - height - padTop);
  const right = Math.max(0, (columns - 1) * stride[1] + kernel[1] - width - padLeft);
  if (padTop + padLeft + below + right === 0) return x;
  return tf.pad(x, [
    [0, 0],
    [padTop, below],
    [padLeft, right],
    [0, 0],
  ]);
}
