import { dirname, resolve } from 'node:path';
import { loadDataSet } from '../dataset/load.ts';
import { searchOptions } from '../run/setting.ts';
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
  const spaceFaults = spec.network ? [] : searchOptions(spec, data).faults;
  for (const fault of spaceFaults) console.err(`${file}: error: search.space: ${fault}\n`);
  return spaceFaults.length > 0 ? undefined : { spec, text, data };
}
