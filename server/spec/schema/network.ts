import * as z from 'zod';
import { whole } from './bounds.ts';
import { weightBits } from './quantization.ts';

const PADDINGS = ['same', 'valid'] as const;

/** A number for both directions or [vertical, horizontal]. */
const pair = z
  .union([whole(1, 255), z.tuple([whole(1, 255), whole(1, 255)])])
  .transform((written): readonly [number, number] => (typeof written === 'number' ? [written, written] : written))
  .meta({ title: 'a whole number from 1 to 255, or two of them: [vertical, horizontal]' });

const kernel = pair.meta({ description: 'Height and width of the kernel: `3`, `[3, 3]`, or `[5, 1]` for a series.' });
const stride = pair.prefault(1).meta({ description: 'Step of the kernel, in both directions or [vertical, horizontal].' });
const padding = z.enum(PADDINGS).default('valid').meta({
  description: '`same` pads so that stride 1 keeps the size; `valid` does not pad.',
});
const dilation = pair.optional().meta({
  description:
    'Distance from one tap of the kernel to the next: with 2 it sees twice as far and leaves out every other value. Left out, 1.',
});
const filters = whole(1, 1024).meta({ description: 'Number of output channels.' });
const units = whole(1, 4096).meta({ description: 'Number of outputs.' });

const bits = weightBits.optional().meta({
  description: 'Bits of the weights of this layer. Left out, those of `training.quantization.weights`.',
});

const convolution = z.strictObject({ filters, kernel, stride, padding, dilation, bits });

const pool = z
  .union([
    pair.transform((window) => ({ kernel: window, stride: window, padding: 'valid' as const })),
    z
      .strictObject({
        kernel,
        stride: pair.optional().meta({ description: 'Step of the window. Left out, as large as the window.' }),
        padding,
      })
      .transform((fields) => ({ ...fields, stride: fields.stride ?? fields.kernel })),
  ])
  .meta({ title: 'a window such as 2 or [2, 2], or { kernel, stride, padding }' });

const none = z
  .union([z.null(), z.strictObject({})])
  .transform(() => ({}))
  .meta({ title: 'without settings' });

const relu = z
  .union([
    z.null().transform(() => ({})),
    z.strictObject({
      max: z.number().min(0.01).max(1000).optional().meta({
        description: 'Values above this become this: 6 is the clipped ReLU known as ReLU6. Left out, none do.',
      }),
    }),
  ])
  .meta({ title: 'without settings, or { max }' });

/** Every operation that a layer may name, with its settings. `separable` is written as one layer and is two. */
export const operations = {
  conv2d: convolution.meta({ description: 'Convolution over all input channels.' }),
  depthwise: z.strictObject({ kernel, stride, padding, dilation, bits }).meta({ description: 'Convolution of each channel on its own.' }),
  separable: convolution.meta({ description: 'A depthwise convolution followed by a 1x1 convolution to `filters` channels.' }),
  dense: z
    .union([units.transform((count) => ({ units: count })), z.strictObject({ units, bits })])
    .meta({ title: 'a number of outputs, or { units, bits }', description: 'Fully connected layer: every output reads every input.' }),
  maxPool: pool.meta({ description: 'Largest value of each window. `maxPool: 2` halves height and width.' }),
  averagePool: pool.meta({ description: 'Mean of each window. `averagePool: 2` halves height and width.' }),
  globalMaxPool: none.meta({ description: 'Largest value of each channel.' }),
  globalAveragePool: none.meta({ description: 'Mean of each channel.' }),
  relu: relu.meta({ description: 'Replaces negative values by zero. Costs no RAM behind a convolution or a dense layer.' }),
  batchNorm: none.meta({ description: 'Normalises each channel while training; folded into the layer before it for the chip.' }),
  add: none.meta({ description: 'Sum of its `inputs`, which have one shape.' }),
  concat: none.meta({ description: 'Joins the channels of its `inputs`.' }),
  flatten: none.meta({ description: 'Reads a map as one row of values, for a dense layer.' }),
};

export type Operation = keyof typeof operations;
export const OPERATIONS = Object.keys(operations) as Operation[];

/** Operations that need no settings, so that their name alone is a layer. */
export const BARE = ['relu', 'batchNorm', 'globalMaxPool', 'globalAveragePool', 'add', 'concat', 'flatten'] as const satisfies Operation[];

const layerName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9_]{0,30}$/)
  .meta({
    title: 'letters, digits and underscores, beginning with a lower-case letter',
    description: 'A name for the layer. Left out, its operation and a number: conv1, relu1, pool1, dense1.',
  });

const optional = <Schemas extends { [name: string]: z.ZodType }>(schemas: Schemas) =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, schema.optional()])) as {
    [Name in keyof Schemas]: z.ZodOptional<Schemas[Name]>;
  };

const entry = z
  .union([
    z.enum(BARE),
    z.strictObject({
      ...optional(operations),
      name: layerName.optional(),
      inputs: z
        .union([z.string().transform((name) => [name]), z.array(z.string()).min(1).max(16)])
        .optional()
        .meta({
          title: 'the name of an earlier layer, or a list of them',
          description: 'The layers that this one reads, or `input`. Left out, the layer before it.',
        }),
    }),
  ])
  .meta({ title: `an operation (${OPERATIONS.join(', ')}), alone or with its settings` });

/** One layer as written, its settings read. */
export type Entry = z.output<typeof entry>;

export const network = z.array(entry).min(1).max(200).meta({
  title: 'a list of layers',
  description: 'A network written by hand, layer by layer. A search starts from it; without a search it is trained as it is.',
});
