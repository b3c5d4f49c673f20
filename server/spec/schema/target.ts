import { z } from 'zod';
import { frequency, size } from './quantity.ts';

export const target = z
  .strictObject({
    chip: z.string().min(1).max(100).optional().meta({
      title: 'a chip of the table, such as atmega328p',
      description: 'The microcontroller. Left out, `ram` and `flash` describe a device of your own.',
    }),
    ram: size.optional().meta({ description: 'RAM of the device, at most what its chip has. 1 KB is 1024 B.' }),
    flash: size.optional().meta({ description: 'Flash of the device, at most what its chip has.' }),
    clock: frequency.optional().meta({ description: 'Clock of the processor, for latencies. Left out, the usual clock of the chip.' }),
    reserve: z
      .strictObject({
        ram: size.prefault('0 B').meta({ description: 'RAM that your own firmware needs, its stack included.' }),
        flash: size.prefault('0 B').meta({ description: 'Flash that your own firmware needs.' }),
      })
      .prefault({})
      .meta({ description: 'What your own firmware needs; the network gets the rest.' }),
  })
  .meta({ description: 'The device that the network must fit.' });
