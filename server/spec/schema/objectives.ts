import * as z from 'zod';
import { distinct, whole } from './bounds.ts';
import { share, size } from './quantity.ts';

export const OBJECTIVES = ['error', 'ram', 'flash', 'macs', 'cycles', 'size', 'wm1', 'wm2'] as const;

export const objectives = distinct(z.enum(OBJECTIVES))
  .prefault(['error', 'ram', 'flash'])
  .meta({
    title: `a list of ${OBJECTIVES.join(', ')}`,
    description:
      'What to make small. `error` is the share of validation samples that are wrong, `ram` and `flash` are bytes on the chip, `macs` multiply-accumulates, `cycles` those of the processor for one inference; `size`, `wm1` and `wm2` are the measures of the SpArSe paper.',
  });

export const limits = z
  .strictObject({
    error: share.optional().meta({ description: 'Largest share of wrong answers that is of use.' }),
    ram: size.optional().meta({ description: 'RAM that a candidate may need, if less than the target has left.' }),
    flash: size.optional().meta({ description: 'Flash that a candidate may need, if less than the target has left.' }),
    macs: whole(1, 1e12).optional().meta({ description: 'Multiply-accumulates of one inference.' }),
    cycles: whole(1, 1e12).optional().meta({ description: 'Cycles of the processor for one inference, as predicted.' }),
    size: size.optional().meta({ description: 'Parameters that are not zero, one byte each.' }),
    wm1: size
      .optional()
      .meta({ description: 'Largest input and weights of a layer, zeros left out (the first working memory of the paper).' }),
    wm2: size
      .optional()
      .meta({ description: 'Largest input and output of a layer, zeros left out (the second working memory of the paper).' }),
  })
  .prefault({})
  .meta({ description: 'Limits besides what the target has left. Candidates beyond them are not chosen.' });
