import type { DataName } from './data.ts';
import { race } from './race.ts';
import type { Variant } from './real.ts';

/** One of the real searches, in a process of its own: `node test/bench/search/one.ts TASK VARIANT SEED`. What is finished already is not run again. */
const [task, variant, seed] = process.argv.slice(2);
await race({ task: task as DataName, variant: variant as Variant, seed: Number(seed) });
process.exit();
