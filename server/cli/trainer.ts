import { existsSync } from 'node:fs';

/** The module of the worker threads: beside this one when bundled, in the run room when run from source. */
export function trainerUrl(): URL {
  const bundled = new URL('./trainer.js', import.meta.url);
  return existsSync(bundled) ? bundled : new URL('../run/trainer.ts', import.meta.url);
}
