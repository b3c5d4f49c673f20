import assert from 'node:assert/strict';
import type { Parameters } from '../../../server/network/network.ts';
import type { Augmentation, LossRecipe, OptimiserRecipe, Session, SessionOptions } from '../../../server/training/engine.ts';
import { abilities } from '../../../server/training/tensorflow/wishes.ts';
import { createEngine, type WasmEngine } from '../../../server/training/wasm.ts';
import { anyParameters, CLASSES, encoding, network, randomSamples } from '../networks.ts';
import { mapTensors } from '../tensors.ts';
import { assertClose } from './close.ts';
import { testBoth } from './library.ts';

const first = createEngine({ variant: 'simd' });
const COUNT = 36;
const rate = () => ({ learningRate: 0.01, weightDecay: 0.1 });
const plain = network(
  [6, 5, 1],
  { op: 'conv2d', filters: 3, kernel: [3, 3] },
  { op: 'relu' },
  { op: 'depthwise', stride: [2, 1] },
  { op: 'averagePool', kernel: [2, 2] },
  { op: 'flatten' },
  { op: 'dense', units: CLASSES },
);
const samples = randomSamples(plain.input, COUNT, 4);
const indices = Uint32Array.from({ length: COUNT }, (_, i) => (i * 7 + 2) % COUNT);
/** Biases that are not 0: where a sample has holes, sums of 0 would lie on the bend of a ReLU, and rounding would choose its side. */
const parameters = mapTensors(anyParameters(plain, 3), (values, tensor) =>
  tensor === 'bias' ? values.map((_, i) => 0.1 - i / 32) : values,
);
const base: SessionOptions = { network: plain, encoding, batch: 20, seed: 2, parameters };
const teacher = Float32Array.from({ length: COUNT * CLASSES }, (_, i) => ((i * 7) % 11) / 3 - 1.5);

/** Two values of every option, as the tables have them. */
type Examples<Options> = { readonly [Option in keyof Required<Options>]: readonly Options[Option][] };

const sessions: Examples<SessionOptions> = {
  network: [
    network(
      [7, 7, 1],
      { op: 'conv2d', filters: 4, dilation: [2, 2] },
      { op: 'relu', max: 1 },
      { op: 'flatten' },
      { op: 'dense', units: CLASSES },
    ),
    network(
      [9, 1, 1],
      { op: 'conv2d', filters: 4, kernel: [3, 1] },
      { op: 'batchNorm' },
      { op: 'relu' },
      { op: 'globalMaxPool' },
      { op: 'dense', units: CLASSES },
    ),
  ],
  encoding: [encoding, { zeroPoint: 3, deviation: 200 }],
  batch: [7, 64],
  seed: [1, 99],
  parameters: [undefined, anyParameters(plain, 4)],
  state: [stateAfter(1), stateAfter(5)],
  augmentation: [undefined, { shift: 1, flip: true }],
  loss: [undefined, { kind: 'meanSquare', smoothing: 0.1 }],
  optimiser: [undefined, { kind: 'sgd', momentum: 0.5 }],
  dropout: [0.2, 0.6],
  form: ['variational', 'bayesian', 'feedback'],
  quantized: [{ ranges: new Map() }, { ranges: new Map(), learnedStep: true }],
};
const augmentations: Examples<Augmentation> = {
  shift: [1, 3],
  rotate: [0.2, 1],
  scale: [0.1, 0.3],
  flip: [true],
  cutout: [0.2, 0.5],
  noise: [3, 12],
  mixup: [0.2, 1],
};
const losses: Examples<LossRecipe> = {
  kind: ['crossEntropy', 'meanSquare'],
  smoothing: [0.1, 0.4],
  classWeights: [
    [1, 0.2, 3],
    [0, 1, 1],
  ],
  distillation: [
    { teacher, temperature: 3, share: 0.4 },
    { teacher, temperature: 1, share: 1 },
  ],
};
const optimisers: Examples<OptimiserRecipe> = {
  kind: ['adam', 'sgd'],
  momentum: [0.5, 0.9],
  clip: [0.05, 1],
  average: [0.5, 0.99],
};

type Case = { readonly name: string; readonly can: true | string; readonly options: SessionOptions };

const cases: Case[] = [
  ...casesOf(abilities.session, sessions, (option) => option),
  ...casesOf(abilities.augmentation, augmentations, (augmentation) => ({ augmentation: Object.assign({ shift: 0 }, augmentation) })),
  ...casesOf(abilities.loss, losses, (loss) => ({ loss })),
  ...casesOf(abilities.optimiser, optimisers, (optimiser) => ({
    optimiser: Object.assign({ kind: 'momentum' in optimiser ? 'sgd' : 'adam' }, optimiser),
  })),
];

testBoth('every option either gives the losses, gradients and curves of the first engine, or is refused with its reason', ({ engine }) => {
  for (const [index, { name, can, options }] of cases.entries()) {
    if (can !== true)
      assert.throws(() => engine.open(options), new RegExp(`^Error: the TensorFlow engine cannot ${can}; use the first engine$`));
    // What each sample leaves out is drawn in another order: see below.
    else if (options.dropout === undefined) compare(engine, options, index % 2 === 1, name);
  }
});

/** Within four standard errors, which are to be below 2 % of the loss. */
testBoth('with dropout the losses of both engines are the same on average', ({ engine }) => {
  const DRAWS = 400;
  const shallow = {
    ...base,
    parameters: undefined,
    network: network([2, 2, 1], { op: 'dense', units: 6 }, { op: 'relu' }, { op: 'dense', units: CLASSES }),
  };
  const data = randomSamples(shallow.network.input, COUNT, 4);
  for (const dropout of [0.2, 0.6]) {
    const means = [first, engine].map((each) => {
      const session = each.open({ ...shallow, dropout });
      const found = Array.from({ length: DRAWS }, () => session.trainEpoch(data, () => ({ learningRate: 0, weightDecay: 0 })));
      session.close();
      const mean = found.reduce((sum, loss) => sum + loss, 0) / DRAWS;
      const deviation = Math.sqrt(found.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / DRAWS);
      return { mean, error: deviation / Math.sqrt(DRAWS) };
    });
    const [a, b] = means;
    assert.ok(Math.abs(a.mean - b.mean) < 4 * Math.hypot(a.error, b.error), `${JSON.stringify(means)} at ${dropout}`);
    assert.ok(Math.hypot(a.error, b.error) < 0.02 * a.mean, `${JSON.stringify(means)}`);
  }
});

/** Loss within 1e-5 of itself, gradients within 2e-4 of a layer's largest, losses of two passes within 1e-4. */
function compare(engine: { open(options: SessionOptions): Trained }, options: SessionOptions, masked: boolean, name: string): void {
  const data = randomSamples(options.network.input, COUNT, 4);
  const where = `${name}${masked ? ', masked' : ''}`;
  const pair: Trained[] = [first.open(options), engine.open(options)];
  const begin = masked ? halved(pair[0].read()) : pair[0].read();
  for (const session of pair) {
    session.write(begin);
    if (masked) session.freezeZeros();
  }
  const [expected, found] = pair.map((session) => session.gradients(data, indices));
  assertClose([found.loss], [expected.loss], 1e-5 * (1 + expected.loss), where);
  for (const [layer, tensors] of Object.entries(expected.gradients)) {
    const learned = Object.entries(tensors).filter(([tensor]) => tensor !== 'mean' && tensor !== 'variance');
    const scale = Math.max(1e-2, ...learned.map(([, values]) => values.reduce((most, each) => Math.max(most, Math.abs(each)), 0)));
    for (const [tensor, values] of learned) {
      // What is masked does not move: its gradient is nobody's.
      const free = (all: Float32Array) => all.map((value, i) => (masked && begin[layer][tensor][i] === 0 ? 0 : value));
      assertClose(free(found.gradients[layer][tensor]), free(values), 2e-4 * scale, `${layer}.${tensor}, ${where}`);
    }
  }
  const [a, b] = pair.map((session) => Array.from({ length: 2 }, () => session.trainEpoch(data, rate)));
  assertClose(b, a, 1e-4 * (1 + a[0]), where);
  pair[1].close();
}

type Trained = Session & Pick<ReturnType<WasmEngine['open']>, 'gradients'>;

function halved(from: Parameters): Parameters {
  return mapTensors(from, (values, tensor) => (tensor === 'weight' ? values.map((value, i) => ((i * 5) % 7 < 3 ? 0 : value)) : values));
}

function stateAfter(passes: number): SessionOptions['state'] {
  const session = first.open(base);
  for (let i = 0; i < passes; i++) session.trainEpoch(samples, rate);
  return session.state();
}

function casesOf<Options extends object>(
  able: { readonly [Option in keyof Required<Options>]: true | string },
  examples: Examples<Options>,
  into: (options: Options) => Partial<SessionOptions>,
): Case[] {
  return (Object.keys(able) as (keyof Options & string)[]).flatMap((option) =>
    examples[option].map((value) => {
      const options = { ...base, ...into({ [option]: value } as Options) };
      // Another network has other parameters, and a state its own.
      const given =
        option === 'network' ? { ...options, parameters: undefined } : option === 'state' ? { ...options, parameters: undefined } : options;
      return { name: `${option} ${JSON.stringify(value)?.slice(0, 60)}`, can: able[option], options: given };
    }),
  );
}
