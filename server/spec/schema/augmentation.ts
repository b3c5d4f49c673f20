import * as z from 'zod';
import { real, whole } from './bounds.ts';
import { share } from './quantity.ts';

/** Every part is off where it is left out. Angles are degrees here. */
export const augmentation = z
  .strictObject({
    shift: whole(0, 64).default(0).meta({
      description: 'Samples are moved by up to this many pixels in each direction, a series by so many steps of its time.',
    }),
    rotate: real(0, 180).default(0).meta({ description: 'Images are turned by up to this many degrees, either way.' }),
    scale: share.prefault(0).meta({
      description: 'Images are made larger or smaller by up to this share; a series is stretched along its time.',
    }),
    flip: z.boolean().default(false).meta({ description: 'Half of the images are mirrored, left to right.' }),
    cutout: share.prefault(0).meta({
      description: 'A hole of this share of the height and of the width of each image; of a series, this share of its time is masked.',
    }),
    noise: share.prefault(0).meta({ description: 'Normal noise; its deviation, as a share of the range of the input.' }),
    mixup: real(0, 1).default(0).meta({
      description: 'Mixes samples and their labels in pairs, by a share from a Beta distribution with this for both parameters.',
    }),
  })
  .prefault({})
  .meta({ description: 'Random changes to the training samples, new ones in each epoch.' });
