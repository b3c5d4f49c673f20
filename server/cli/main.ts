import { check } from './check.ts';
import { type Command, type Console, UsageError } from './command.ts';
import { digits, gestures } from './examples.ts';
import { exportCommand } from './export.ts';
import { lsp } from './lsp.ts';
import { search } from './search.ts';
import { verify } from './verify.ts';
import { VERSION } from './version.ts';

export const commands: { readonly [name: string]: Command } = { check, search, export: exportCommand, verify, digits, gestures, lsp };

export const findCommand = (name = ''): Command | undefined => (Object.hasOwn(commands, name) ? commands[name] : undefined);

/** Runs one command of the command line; the exit code is 0 for clean, 1 for problems of the input, 2 for failure. */
export async function main(args: readonly string[], console: Console): Promise<number> {
  const [name, ...rest] = args;
  const say = (write: (text: string) => void, text: string, code: number) => {
    write(text);
    return code;
  };
  if (name === '--version') return say(console.out, `${VERSION}\n`, 0);
  if (name === '--help' || name === 'help') return say(console.out, help(), 0);
  if (name === undefined) return say(console.err, help(), 2);
  const command = findCommand(name);
  if (!command) return say(console.err, `sparse has no command ${name}\n\n${help()}`, 2);
  if (rest.includes('--help')) return say(console.out, `${command.usage}\n${command.summary}\n`, 0);
  try {
    return await command.run(rest, console);
  } catch (error) {
    if (!(error instanceof UsageError) && !isArgumentError(error) && !isSystemError(error)) throw error;
    return say(console.err, `sparse ${name}: ${(error as Error).message}\n`, 2);
  }
}

function help(): string {
  const lines = Object.values(commands).map(({ usage, summary }) => `  ${usage}\n      ${summary}`);
  return `sparse ${VERSION}: neural networks for the smallest chips\n\n${lines.join('\n')}\n`;
}

const isArgumentError = (error: unknown): boolean =>
  error instanceof TypeError && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');

/** What the system refuses (no space, no permission) is no bug of ours. */
const isSystemError = (error: unknown): boolean => error instanceof Error && 'syscall' in error;
