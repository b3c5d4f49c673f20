import { dirname, resolve } from 'node:path';
import { loadDataSet } from '../dataset/load.ts';
import { feasibilityOf, isEasy } from '../run/feasible.ts';
import { searchOptions } from '../run/setting.ts';
import type { Excess } from '../search/objective.ts';
import { dataProblem } from '../spec/parse.ts';
import { type Spec, toDataSource } from '../spec/spec.ts';
import { checkFile } from './check.ts';
import type { Console } from './command.ts';
import { formatProblems, hasErrors } from './problems.ts';

export type Prepared = {
  readonly spec: Spec;
  readonly text: string;
  readonly data: NonNullable<Awaited<ReturnType<typeof loadDataSet>>['data']>;
};

/** The spec and its data, or nothing after saying what is wrong with them: a spec with an error never starts a search. */
export async function prepare(file: string, console: Console): Promise<Prepared | undefined> {
  const { text, parsed, problems } = await checkFile(file);
  const { spec } = parsed;
  console.err(formatProblems(file, problems));
  if (!spec || hasErrors(problems)) return undefined;
  const { data, faults } = await loadDataSet(toDataSource(spec, dirname(resolve(file))));
  if (!data) {
    console.err(
      formatProblems(
        file,
        faults.map((fault) => dataProblem(parsed, fault)),
      ),
    );
    return undefined;
  }
  if (!spec.network && !isSearchable(file, spec, searchOptions(spec, data), console)) return undefined;
  return { spec, text, data };
}

/** Says what is wrong with a space of networks. One that can hold nothing within the limits is refused; one where nothing was found so far is searched. */
function isSearchable(
  file: string,
  { target, training }: Spec,
  { options, faults }: ReturnType<typeof searchOptions>,
  console: Console,
): boolean {
  for (const fault of faults) console.err(`${file}: error: search.space: ${fault}\n`);
  if (faults.length > 0) return false;
  if (isEasy(options)) return true;
  const { excess, impossible } = feasibilityOf(options, target.device, training.quantization.weights);
  if (excess) console.err(`${file}: ${impossible ? 'error' : 'warning'}: search.space: ${missing(excess, impossible)}\n`);
  return !impossible;
}

function missing({ objective, limit, value }: Excess, impossible: boolean): string {
  const unit = UNITS[objective] ?? '';
  const finding = impossible ? 'no network of this search can fit' : 'no network of this search was found that fits';
  return `${finding}: the smallest takes ${value}${unit} of ${objective}, ${Math.ceil(value - limit)}${unit} more than the ${limit}${unit} allowed`;
}

const UNITS: { readonly [objective: string]: string } = {
  ram: ' B',
  flash: ' B',
  size: ' B',
  wm1: ' B',
  wm2: ' B',
  activations: ' B',
  latency: ' ms',
};
