import { findCommand, main } from './main.ts';

/** The first Ctrl-C stops a search in an orderly way, the second at once. */
const args = process.argv.slice(2);
const stop = new AbortController();
for (const name of findCommand(args[0])?.stoppable ? (['SIGINT', 'SIGTERM'] as const) : []) {
  process.on(name, () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort(`stopped by ${name}`);
  });
}

/** Whoever read the output has gone (`sparse check FILE | head`): the work goes on unheard. */
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

process.exitCode = await main(args, {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
  signal: stop.signal,
}).catch((error) => {
  console.error(error);
  return 2;
});
