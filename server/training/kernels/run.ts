import * as command from '../commands';
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
} from './winograd';

/** Carries out the commands from `at` up to `end`; each is an operation, its count of fields, and the fields. */
export function run(at: usize, end: usize): void {
  while (at < end) {
    const fields = at + 8;
    let next = fields + (load<i32>(at, 4) << 2);
    switch (load<i32>(at)) {
      case command.CONVOLVE:
        convolve(changetype<command.Convolve>(fields));
        break;
      case command.CONVOLVE_WEIGHTS:
        convolveWeights(changetype<command.ConvolveWeights>(fields));
        break;
      case command.DEPTHWISE:
        depthwise(changetype<command.Depthwise>(fields));
        break;
      case command.DEPTHWISE_UNSTRIDE:
        depthwiseUnstride(changetype<command.DepthwiseUnstride>(fields));
        break;
      case command.DEPTHWISE_WEIGHTS:
        depthwiseWeights(changetype<command.DepthwiseWeights>(fields));
        break;
      case command.MAX_POOL:
        maxPool(changetype<command.Pool>(fields));
        break;
      case command.MAX_POOL_GRADIENT:
        maxPoolGradient(changetype<command.PoolGradient>(fields));
        break;
      case command.AVERAGE_POOL:
        averagePool(changetype<command.Pool>(fields));
        break;
      case command.AVERAGE_POOL_GRADIENT:
        averagePoolGradient(changetype<command.PoolGradient>(fields));
        break;
      case command.TRANSFER:
        transfer(changetype<command.Transfer>(fields));
        break;
      case command.NORMALISE:
        normalise(changetype<command.Normalise>(fields));
        break;
      case command.NORMALISE_GRADIENT:
        normaliseGradient(changetype<command.NormaliseGradient>(fields));
        break;
      case command.SOFTMAX:
        softmax(changetype<command.Softmax>(fields));
        break;
      case command.GATHER:
        gather(changetype<command.Gather>(fields));
        break;
      case command.PERMUTE:
        permute(changetype<command.Permute>(fields));
        break;
      case command.REDUCE:
        reduce(changetype<command.Reduce>(fields));
        break;
      case command.ADAM:
        adam(changetype<command.Adam>(fields));
        break;
      case command.RANGE:
        range(changetype<command.Range>(fields));
        break;
      case command.SHIFT:
        shift(changetype<command.Shift>(fields));
        break;
      case command.MOMENTUM:
        momentum(changetype<command.Momentum>(fields));
        break;
      case command.REQUANTIZE:
        requantize(changetype<command.Requantize>(fields));
        break;
      case command.REQUANTIZE_GRADIENT:
        requantizeGradient(changetype<command.RequantizeGradient>(fields));
        break;
      case command.STEP_GRADIENT:
        stepGradient(changetype<command.StepGradient>(fields));
        break;
      case command.WARP:
        warp(changetype<command.Warp>(fields));
        break;
      case command.SKIP: {
        const skip = changetype<command.Skip>(fields);
        if (i32(load<i32>(skip.flag) != 0) == skip.set) next += skip.bytes;
        break;
      }
      case command.WINOGRAD_INPUT:
        winogradInput(changetype<command.WinogradInput>(fields));
        break;
      case command.WINOGRAD_OUTPUT:
        winogradOutput(changetype<command.WinogradOutput>(fields));
        break;
      case command.WINOGRAD_GRADIENT:
        winogradGradient(changetype<command.WinogradGradient>(fields));
        break;
      case command.WINOGRAD_INPUT_GRADIENT:
        winogradInputGradient(changetype<command.WinogradInputGradient>(fields));
        break;
      case command.WINOGRAD_WEIGHTS:
        winogradWeights(changetype<command.WinogradWeights>(fields));
        break;
      case command.WINOGRAD_WEIGHTS_GRADIENT:
        winogradWeightsGradient(changetype<command.WinogradWeightsGradient>(fields));
        break;
      default:
        unreachable();
    }
    at = next;
  }
}
