import { type Item, Program } from './program.ts';
import { relax } from './relax.ts';

/** What is written, with branches and jumps that reach. */
export function listed(write: (p: Program) => void): Item[] {
  const p = new Program();
  write(p);
  return relax([...p.items, END, ...p.tables]);
}

/** What follows begins at a multiple of four. */
const END: Item = { size: 0, bytes: () => [] };
