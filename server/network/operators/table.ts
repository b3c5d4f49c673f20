import type { Layer, OpName } from '../network.ts';
import { conv2d } from './conv2d.ts';
import { dense } from './dense.ts';
import { depthwise } from './depthwise.ts';
import { add, concat } from './join.ts';
import type { Operator } from './operator.ts';
import { batchNorm, flatten, relu } from './pointwise.ts';
import { averagePool, globalAveragePool, globalMaxPool, maxPool } from './pool.ts';

/** Every operator. Tests enumerate it: an operator without a gradient check, a C kernel and a memory rule fails them. */
export const operators = {
  conv2d,
  depthwise,
  dense,
  maxPool,
  averagePool,
  globalMaxPool,
  globalAveragePool,
  relu,
  batchNorm,
  add,
  concat,
  flatten,
} satisfies { [Name in OpName]: Operator<Name> };

/** The operator of a layer, typed for that layer. */
export const operatorOf = (layer: Layer): Operator => operators[layer.op] as unknown as Operator;
