import type { Engine, SessionOptions } from '../engine.ts';
import type { Backend, Tensorflow } from './library.ts';
import { type LoadOptions, loadTensorflow } from './load.ts';
import { openSession, type TensorflowSession } from './session.ts';

export interface TensorflowEngine extends Engine {
  open(options: SessionOptions): TensorflowSession;
}

export type TensorflowOptions = LoadOptions & {
  /** TensorFlow itself, already loaded. */
  readonly module?: Tensorflow;
  /** What a network's tensors may take at a time while it is trained; a batch that needs more is run in parts. Without a wish 512 MB. */
  readonly workingBytes?: number;
};

/**
 * The engine of TensorFlow.js: for networks that are too large for the first, for GPUs, and as a check of the first. It computes the same
 * with another rounding; in C++ it sums on several threads, in an order, and so with last bits, that may change from run to run.
 * Throws where TensorFlow or the backend is missing.
 */
export function createTensorflowEngine(options: TensorflowOptions = {}): TensorflowEngine {
  const tf = options.module ?? loaded(options);
  const backend = backendOf(tf, options.backend);
  return {
    variant: `tensorflow-${formOf(tf, backend)}`,
    open(session) {
      use(tf, backend);
      return openSession(tf, session, options.workingBytes);
    },
  };
}

function loaded(options: LoadOptions): Tensorflow {
  const found = loadTensorflow(options);
  if ('missing' in found) throw new Error(found.missing);
  return found.tensorflow;
}

/** Those in front are preferred. */
const BACKENDS: readonly Backend[] = ['tensorflow', 'cpu'];

function backendOf(tf: Tensorflow, wish: Backend | undefined): Backend {
  const registered = Object.keys(tf.engine().registryFactory);
  const backend = (wish ? [wish] : BACKENDS).find((name) => registered.includes(name));
  if (!backend)
    throw new Error(`this TensorFlow has no backend ${wish ?? BACKENDS.join(' or ')}; it has ${registered.join(', ') || 'none'}`);
  if (!tf.getGradient('Conv2D')) throw new Error('this TensorFlow has no gradients; load it as @tensorflow/tfjs or @tensorflow/tfjs-node');
  // Else the JavaScript backend prints advice on the console.
  tf.env().set('PROD', true);
  use(tf, backend);
  return backend;
}

/** Both backends are made at once: the promise that `setBackend` returns has nothing left to wait for. */
function use(tf: Tensorflow, backend: Backend): void {
  if (tf.getBackend() === backend) return;
  tf.setBackend(backend).catch(() => {});
  if (tf.getBackend() !== backend) throw new Error(`TensorFlow's backend ${backend} does not start`);
}

type Native = { readonly isUsingGpuDevice?: boolean; readonly binding?: { readonly TF_Version?: string } };

/** `cpu 4.22.0`, or `native 4.22.0/2.9.1` with the version of the library in C++. */
function formOf(tf: Tensorflow, backend: Backend): string {
  if (backend === 'cpu') return `cpu ${tf.version_core}`;
  const { isUsingGpuDevice, binding } = tf.backend() as Native;
  return `native${isUsingGpuDevice ? '-gpu' : ''} ${tf.version_core}/${binding?.TF_Version}`;
}
