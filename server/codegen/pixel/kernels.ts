import type { StageOp } from '../../network/stage.ts';
import type { StageContext } from '../context.ts';
import { conv2d } from './conv2d.ts';
import { dense } from './dense.ts';
import { depthwise } from './depthwise.ts';
import { add, concat, relu } from './join.ts';
import { averagePool, maxPool } from './pool.ts';

/** The C of a stage that is streamed pixel by pixel. */
export const kernels = { conv2d, depthwise, dense, maxPool, averagePool, add, concat, relu } satisfies Record<
  StageOp,
  (context: StageContext) => string
>;
