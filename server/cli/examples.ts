import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DIGITS, generateDigits } from '../dataset/digits/generate.ts';
import { GESTURE_COUNTS, generateGestures } from '../dataset/gestures/generate.ts';
import { type Command, UsageError } from './command.ts';

/** A command that makes the data of one of the examples. */
function drawing(name: string, summary: string, draw: (folder: string) => Promise<void>, done: string): Command {
  const usage = `sparse ${name} DIR`;
  return {
    summary,
    usage,
    async run(args, console) {
      const { positionals } = parseArgs({ args, allowPositionals: true });
      if (positionals.length !== 1) throw new UsageError(`usage: ${usage}`);
      await draw(resolve(positionals[0]));
      console.out(`${done} in ${positionals[0]}\n`);
      return 0;
    },
  };
}

export const digits = drawing(
  'digits',
  'draws the handwritten digits of the first example',
  generateDigits,
  `Drew ${DIGITS.train} digits to train on and ${DIGITS.test} to test`,
);

export const gestures = drawing(
  'gestures',
  'records the gestures of the second example',
  generateGestures,
  `Recorded ${GESTURE_COUNTS.train} gestures to train on and ${GESTURE_COUNTS.test} to test`,
);
