import assert from 'node:assert/strict';
import type { Machine } from '../../server/machine/machine.ts';
import { emission } from '../../server/plan/emission.ts';
import { machineOf } from '../../server/plan/machine.ts';
import type { Plan } from '../../server/plan/plan.ts';
import type { QuantizedNetwork } from '../../server/quantize/network.ts';
import { type MachineRun, proveWithoutCompiler } from '../../server/verify/machine.ts';

/** Machine code answers as the interpreter does on `count` random inputs. */
export function assertAnswers(network: QuantizedNetwork, machine: Machine, what: string, count = 2): MachineRun {
  const { random, run, difference } = proveWithoutCompiler(network, machine, { count });
  assert.equal(random.different, 0, `${what}: ${difference}`);
  return run;
}

/** The same of a plan, by code and from a stack of as many bytes as were counted; `ratio` is that of the cycles counted to those taken. */
export function assertProven(network: QuantizedNetwork, plan: Plan, what: string, count = 2): { run: MachineRun; ratio: number } {
  const run = assertAnswers(network, machineOf(network, plan), what, count);
  const { bytes, stackBytes, cycles } = emission(plan, network);
  assert.deepEqual([run.codeBytes, run.stackBytes], [bytes, stackBytes], what);
  return { run, ratio: cycles / run.cycles };
}

/** Machine code in whose table one bias is wrong is told from the network. */
export function assertToldApart(network: QuantizedNetwork, machine: Machine): void {
  const last = network.stages.length - 1;
  const { weight, bias } = network.stages[last].weights!;
  const wrong = { ...network.stages[last], weights: { weight, bias: bias.map((value, i) => value + Number(i === 1)) } };
  const tasks = machine.tasks.map((task, i) => (i === last ? { ...task, stage: wrong } : task));
  const { random, difference } = proveWithoutCompiler(network, { ...machine, tasks }, { count: 2 });
  assert.equal(random.different, 2);
  assert.match(difference!, /element 1 of random input 0/);
}
