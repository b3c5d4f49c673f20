import type { OpName } from '../../network/network.ts';
import type { Node } from '../nodes.ts';
import { conv2d } from './convolution.ts';
import { dense } from './dense.ts';
import { depthwise } from './depthwise.ts';
import { batchNorm } from './normalise.ts';
import type { TrainingOperator } from './operator.ts';
import { averagePool, globalAveragePool, globalMaxPool, maxPool } from './pool.ts';
import { add, concat, relu } from './transfer.ts';

/** How each operator is trained. Flatten is absent: `nodes.ts` reads it away. */
const trainingOperators = {
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
} satisfies { [Name in Exclude<OpName, 'flatten'>]: TrainingOperator<Name> };

export function trainingOperatorOf(node: Node): TrainingOperator {
  if (node.layer.op === 'flatten') throw new Error('flatten has no kernel');
  return trainingOperators[node.layer.op] as unknown as TrainingOperator;
}
