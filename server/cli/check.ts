import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { probeDataSet } from '../dataset/probe.ts';
import { priceNetwork } from '../run/price.ts';
import { parseSpec, rangeOf } from '../spec/parse.ts';
import type { Problem } from '../spec/problem.ts';
import { budgetOf, type Spec, toDataSource } from '../spec/spec.ts';
import { type Command, UsageError } from './command.ts';
import { dataProblems, formatProblems, hasErrors, readSpecFile } from './problems.ts';
import { bytes, table } from './table.ts';

export const check: Command = {
  summary: 'checks a spec and the data that it names',
  usage: 'sparse check FILE [--json]',
  async run(args, console) {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { json: { type: 'boolean', default: false } } });
    if (positionals.length !== 1) throw new UsageError(`usage: ${check.usage}`);
    const [file] = positionals;
    const { spec, problems } = await checkFile(file);
    const failed = hasErrors(problems);
    if (values.json)
      console.out(
        `${JSON.stringify({ file, ok: !failed, problems, ...(spec && { budget: budgetOf(spec), network: handPrice(spec) }) })}\n`,
      );
    else {
      console.out(formatProblems(file, problems));
      if (!failed && spec) console.out(summary(spec));
    }
    return failed ? 1 : 0;
  },
};

/** The spec and its problems, those of its data (headers and labels only) and those of its network's price included. */
export async function checkFile(file: string): Promise<{ spec?: Spec; problems: Problem[] }> {
  const text = readSpecFile(file);
  const first = parseSpec(text);
  if (!first.spec) return { problems: [...first.problems] };
  const { probe, faults } = await probeDataSet(toDataSource(first.spec, dirname(resolve(file))));
  const parsed = probe ? parseSpec(text, { input: probe.shape, classCount: probe.classes.length }) : first;
  const problems = [...parsed.problems, ...dataProblems(parsed, faults)];
  if (parsed.spec?.network) problems.push(...budgetProblems(parsed.spec, rangeOf(parsed, ['network'], 'key')));
  return { spec: parsed.spec, problems };
}

/** A network written by hand that does not fit. */
function budgetProblems(spec: Spec, range: Problem['range']): Problem[] {
  const price = handPrice(spec);
  const budget = budgetOf(spec);
  if (!price) return [];
  const over = (code: 'overRam' | 'overFlash', what: string, needed: number, left: number): Problem[] =>
    needed <= left
      ? []
      : [
          {
            code,
            severity: 'error',
            range,
            message: `the network needs ${bytes(needed)} of ${what}; ${bytes(left)} are left for it (${price.peak} is at the peak)`,
          },
        ];
  return [...over('overRam', 'RAM', price.ramBytes, budget.ramBytes), ...over('overFlash', 'flash', price.flashBytes, budget.flashBytes)];
}

const handPrice = (spec: Spec) => spec.network && priceNetwork(spec.network, spec.target.device);

function summary(spec: Spec): string {
  const { ramBytes, flashBytes } = budgetOf(spec);
  const head = `${spec.name}: no problems. ${spec.target.device.name} leaves ${bytes(ramBytes)} of RAM and ${bytes(flashBytes)} of flash.\n`;
  const price = handPrice(spec);
  if (!price) return head;
  const rows = price.layers.map(({ layer, shape, form, bufferBytes, liveBytes }) => [
    layer,
    shape,
    form,
    bytes(bufferBytes),
    bytes(liveBytes),
  ]);
  return `${head}\n${table(['layer', 'output', 'runs', 'adds', 'in use'], rows)}\n\nRAM ${bytes(price.ramBytes)}, flash ${bytes(price.flashBytes)} (predicted)\n`;
}
