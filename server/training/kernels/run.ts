import { Convolve, ConvolveWeights } from '../commands/convolve';
import { Depthwise, DepthwiseUnstride, DepthwiseWeights } from '../commands/depthwise';
import { Gather, Shift, Warp } from '../commands/input';
import { Softmax, Reduce, Adam, Momentum } from '../commands/learn';
import { Normalise, NormaliseGradient } from '../commands/normalise';
import { Pool, PoolGradient } from '../commands/pool';
import { Requantize, RequantizeGradient, StepGradient } from '../commands/requantize';
import { Skip } from '../commands/skip';
import { Transfer, Permute, Range } from '../commands/transfer';
import { WinogradInput, WinogradOutput, WinogradGradient, WinogradInputGradient, WinogradWeights, WinogradWeightsGradient } from '../commands/winograd';
import * as operation from '../commands/operations';
import { convolve } from './convolve';
import { depthwise } from './depthwise';
import { depthwiseUnstride } from './unstride';
import { depthwiseWeights } from './depthwiseweights';
import { adam, momentum, reduce, softmax } from './learn';
import { normalise, normaliseGradient } from './normalise';
import { averagePool, averagePoolGradient, maxPool, maxPoolGradient } from './pool';
import { gather, shift } from './input';
import { warp } from './warp';
import { requantize, requantizeGradient, stepGradient } from './requantize';
import { permute, range, transfer } from './transfer';
import { convolveWeights } from './weights';
import {
  winogradGradient,
  winogradInput,
  winogradInputGradient,
  winogradOutput,
  winogradWeights,
  winogradWeightsGradient,
} from './winograd/winograd';

/** Carries out the commands from `at` up to `end`; each is an operation, its count of fields, and the fields. */
export function run(at: usize, end: usize): void {
  while (at < end) {
    const fields = at + 8;
    let next = fields + (load<i32>(at, 4) << 2);
    switch (load<i32>(at)) {
      case operation.CONVOLVE:
        convolve(changetype<Convolve>(fields));
        break;
      case operation.CONVOLVE_WEIGHTS:
        convolveWeights(changetype<ConvolveWeights>(fields));
        break;
      case operation.DEPTHWISE:
        depthwise(changetype<Depthwise>(fields));
        break;
      case operation.DEPTHWISE_UNSTRIDE:
        depthwiseUnstride(changetype<DepthwiseUnstride>(fields));
        break;
      case operation.DEPTHWISE_WEIGHTS:
        depthwiseWeights(changetype<DepthwiseWeights>(fields));
        break;
      case operation.MAX_POOL:
        maxPool(changetype<Pool>(fields));
        break;
      case operation.MAX_POOL_GRADIENT:
        maxPoolGradient(changetype<PoolGradient>(fields));
        break;
      case operation.AVERAGE_POOL:
        averagePool(changetype<Pool>(fields));
        break;
      case operation.AVERAGE_POOL_GRADIENT:
        averagePoolGradient(changetype<PoolGradient>(fields));
        break;
      case operation.TRANSFER:
        transfer(changetype<Transfer>(fields));
        break;
      case operation.NORMALISE:
        normalise(changetype<Normalise>(fields));
        break;
      case operation.NORMALISE_GRADIENT:
        normaliseGradient(changetype<NormaliseGradient>(fields));
        break;
      case operation.SOFTMAX:
        softmax(changetype<Softmax>(fields));
        break;
      case operation.GATHER:
        gather(changetype<Gather>(fields));
        break;
      case operation.PERMUTE:
        permute(changetype<Permute>(fields));
        break;
      case operation.REDUCE:
        reduce(changetype<Reduce>(fields));
        break;
      case operation.ADAM:
        adam(changetype<Adam>(fields));
        break;
      case operation.RANGE:
        range(changetype<Range>(fields));
        break;
      case operation.SHIFT:
        shift(changetype<Shift>(fields));
        break;
      case operation.MOMENTUM:
        momentum(changetype<Momentum>(fields));
        break;
      case operation.REQUANTIZE:
        requantize(changetype<Requantize>(fields));
        break;
      case operation.REQUANTIZE_GRADIENT:
        requantizeGradient(changetype<RequantizeGradient>(fields));
        break;
      case operation.STEP_GRADIENT:
        stepGradient(changetype<StepGradient>(fields));
        break;
      case operation.WARP:
        warp(changetype<Warp>(fields));
        break;
      case operation.SKIP: {
        const skip = changetype<Skip>(fields);
        if (i32(load<i32>(skip.flag) != 0) == skip.set) next += skip.bytes;
        break;
      }
      case operation.WINOGRAD_INPUT:
        winogradInput(changetype<WinogradInput>(fields));
        break;
      case operation.WINOGRAD_OUTPUT:
        winogradOutput(changetype<WinogradOutput>(fields));
        break;
      case operation.WINOGRAD_GRADIENT:
        winogradGradient(changetype<WinogradGradient>(fields));
        break;
      case operation.WINOGRAD_INPUT_GRADIENT:
        winogradInputGradient(changetype<WinogradInputGradient>(fields));
        break;
      case operation.WINOGRAD_WEIGHTS:
        winogradWeights(changetype<WinogradWeights>(fields));
        break;
      case operation.WINOGRAD_WEIGHTS_GRADIENT:
        winogradWeightsGradient(changetype<WinogradWeightsGradient>(fields));
        break;
      default: {
        const place = load<i32>(at) - operation.FUNCTIONS;
        if (place < 0) unreachable();
        call_indirect<void>(place);
      }
    }
    at = next;
  }
}
