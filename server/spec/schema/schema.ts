import * as z from 'zod';
import { data } from './data.ts';
import { network } from './network.ts';
import { limits, objectives } from './objectives.ts';
import { pruning, search } from './search.ts';
import { target } from './target.ts';
import { training } from './training.ts';

const output = z
  .strictObject({
    folder: z.string().min(1).max(1000).optional().meta({
      description: 'Where the C files go, relative to this spec. Left out, `firmware/lib/NAME`.',
    }),
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,30}$/)
      .optional()
      .meta({
        title: 'lower-case letters, digits and underscores, beginning with a letter',
        description: 'Prefix of the C files and functions. Left out, the name of the spec.',
      }),
  })
  .prefault({})
  .meta({ description: 'The C that is written.' });

/** The language: what may be written where. Types, validation, messages, hovers, completion and the JSON schema all come from it. */
export const schema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,30}$/)
    .meta({
      title: 'lower-case letters, digits and underscores, beginning with a letter',
      description: 'A short name for the task. It becomes the prefix of the C files and functions.',
    }),
  data: data.meta({ description: 'The samples to learn from, and how they are divided.' }),
  target,
  network: network.optional(),
  search,
  training,
  pruning,
  objectives,
  limits,
  output,
});

/** A spec as its author wrote it, quantities read and defaults filled in. */
export type Written = z.output<typeof schema>;
export type Section = keyof typeof schema.shape;
export const SECTIONS = Object.keys(schema.shape) as Section[];
