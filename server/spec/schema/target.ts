import * as z from 'zod';
import { PREFERENCES } from '../../device/device.ts';
import { frequency, size } from './quantity.ts';

export const target = z
  .strictObject({
    chip: z.string().min(1).max(100).optional().meta({
      title: 'a chip of the table, such as atmega328p',
      description:
        'The microcontroller. Left out, it is that of the firmware project around `output.folder`; where that names none, `ram` and `flash` describe a device of your own.',
    }),
    ram: size.optional().meta({ description: 'RAM of the device, at most what its chip has. 1 KB is 1024 B.' }),
    flash: size.optional().meta({ description: 'Flash of the device, at most what its chip has.' }),
    clock: frequency.optional().meta({
      description: 'Clock of the processor, for latencies. Left out, that of the firmware project, or else the usual clock of the chip.',
    }),
    prefer: z.enum(PREFERENCES).optional().meta({
      description:
        'What the C is laid out for, within the budget. `speed` takes the fastest plan that fits and, on AVRs, spends the flash that is left on it; `ram` and `flash` take the smallest: `ram` often takes the input pixel by pixel. Left out, the fastest plan, and no flash beyond what it needs.',
    }),
    reserve: z
      .strictObject({
        ram: size.prefault('0 B').meta({
          description: 'RAM kept free: for the stack of your own firmware, and for all of its RAM where no compiled program tells that.',
        }),
        flash: size
          .prefault('0 B')
          .meta({ description: 'Flash kept free: what your own firmware needs where no compiled program tells that.' }),
      })
      .prefault({})
      .meta({
        description:
          'What is kept free for your own firmware. What its compiled program takes (ELF or map file of the project around `output.folder`) is left out of the budget besides.',
      }),
  })
  .meta({ description: 'The device that the network must fit.' });
