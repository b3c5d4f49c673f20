import { serveStreams } from '../language/serve.ts';
import type { Command } from './command.ts';

/** For editors other than VS Code, which has its own way to the language server. */
export const lsp: Command = {
  summary: 'serves specs over the Language Server Protocol on standard input and output',
  usage: 'sparse lsp',
  stoppable: true,
  run: async (_args, console) => {
    await import('../language/lean.ts');
    return new Promise((resolve) => {
      serveStreams(process.stdin, process.stdout);
      const end = () => resolve(0);
      process.stdin.once('end', end);
      console.signal.addEventListener('abort', end, { once: true });
    });
  },
};
