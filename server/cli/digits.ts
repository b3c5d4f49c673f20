import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DIGITS, generateDigits } from '../dataset/digits/generate.ts';
import { type Command, UsageError } from './command.ts';

export const digits: Command = {
  summary: 'draws the handwritten digits of the example',
  usage: 'sparse digits DIR',
  async run(args, console) {
    const { positionals } = parseArgs({ args, allowPositionals: true });
    if (positionals.length !== 1) throw new UsageError(`usage: ${digits.usage}`);
    await generateDigits(resolve(positionals[0]));
    console.out(`Drew ${DIGITS.train} digits to train on and ${DIGITS.test} to test in ${positionals[0]}\n`);
    return 0;
  },
};
