/** The part of TensorFlow.js that every form of it has: `tfjs-core` with a backend, `tfjs`, `tfjs-node`. Types only: nothing of it is bundled. */
export type Tensorflow = typeof import('@tensorflow/tfjs-core');
export type Tensor = import('@tensorflow/tfjs-core').Tensor;
export type Scalar = import('@tensorflow/tfjs-core').Scalar;
export type Variable = import('@tensorflow/tfjs-core').Variable;
/** [samples, rows, columns, channels] */
export type Maps = import('@tensorflow/tfjs-core').Tensor4D;

/** Backends that have a gradient for every operator. `cpu` is plain JavaScript, slow and everywhere; `tensorflow` is the library in C++. */
export type Backend = 'cpu' | 'tensorflow';
