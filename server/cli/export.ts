import { dirname, parse, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PREFERENCES, type Preference } from '../device/device.ts';
import { isReallyInside, libraryFiles, libraryFolder } from '../firmware/place.ts';
import { findProject } from '../firmware/project.ts';
import { MANIFEST, type WritePlan, writeFiles } from '../firmware/write.ts';
import { type Candidate, readCandidate } from '../run/candidate.ts';
import { type Export, exportCandidate } from '../run/export.ts';
import { findSpec, specFolderOf } from '../run/folder.ts';
import { readJournal } from '../run/journal.ts';
import { stateOf } from '../run/state.ts';
import { parseSpec } from '../spec/parse.ts';
import { allot } from '../spec/resolve/target.ts';
import { resolvePath, type Spec, type Target } from '../spec/spec.ts';
import { projectOf } from './check.ts';
import { type Command, UsageError } from './command.ts';
import { readSpecFile } from './problems.ts';

export const exportCommand: Command = {
  summary: "writes the C of a run's candidate",
  usage: 'sparse export RUN [--candidate ID] [--into DIR] [--prefer speed|ram|flash] [--force] [--json]',
  async run(args, console) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        candidate: { type: 'string' },
        into: { type: 'string' },
        prefer: { type: 'string' },
        force: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    if (positionals.length !== 1) throw new UsageError(`usage: ${exportCommand.usage}`);
    const run = resolve(positionals[0]);
    const { header, chosen, trials } = stateOf(readJournal(run).records);
    if (!header) throw new UsageError(`${positionals[0]}: this is not the folder of a run`);
    const specPath = findSpec(run, header);
    if (!specPath)
      throw new UsageError(`the spec of ${positionals[0]} is not in ${relative(process.cwd(), specFolderOf(run)) || '.'} any more`);
    const text = readSpecFile(specPath);
    const project = projectOf(parseSpec(text).draft, dirname(specPath));
    const { output, target, limits } = parseSpec(text, { project }).draft;
    if (!output || !target) throw new UsageError(`${specPath} has errors in its target or output; see sparse check`);
    const spec = { output, target: preferring(target, limits, values.prefer) };
    const id = values.candidate === undefined ? chosen : trials.find((trial) => String(trial.id) === values.candidate)?.id;
    if (id === undefined)
      throw new UsageError(
        values.candidate === undefined
          ? 'the run has not chosen a candidate; name one with --candidate'
          : `the run has no candidate ${values.candidate}; it has tried ${trials.length}, numbered from 0`,
      );
    const into =
      values.into === undefined ? resolvePath(dirname(specPath), spec.output.folder) : placeIn(resolve(values.into), spec.output.name);
    const written = writeExport({ run, spec, specPath, id, into, force: values.force });
    if (values.json) console.out(`${JSON.stringify({ ...written.exported.facts, ...written.outcome })}\n`);
    else console.out(`${written.message}\n`);
    return written.ok ? 0 : 1;
  },
};

/** The target with another preference than the spec's, where one was given. */
function preferring(target: Target, limits: Spec['limits'] | undefined, prefer: string | undefined): Target {
  if (prefer === undefined) return target;
  if (!isPreference(prefer)) throw new UsageError(`--prefer is ${PREFERENCES.join(', ')}, not ${prefer}`);
  return { ...target, device: { ...target.device, allotted: allot(target, limits, prefer) } };
}

const isPreference = (written: string): written is Preference => PREFERENCES.some((each) => each === written);

type Writing = {
  run: string;
  spec: Pick<Spec, 'output' | 'target'>;
  specPath: string;
  id: number;
  into: string;
  force: boolean;
};

/** Writes a candidate's C, unless the folder holds files of the user's. */
export function writeExport({ run, spec, specPath, id, into, force }: Writing) {
  const project = findProject(into, parse(into).root);
  if (project && !isReallyInside(into, project))
    throw new UsageError(`${into} leads out of the project ${project.folder}: nothing was written`);
  const exported = exportCandidate(spec, candidateOf(run, id), relative(into, specPath).replaceAll('\\', '/'));
  const files = [
    ...exported.files,
    ...(project && into === libraryFolder(project, exported.facts.name) ? libraryFiles(project, exported.facts.name) : []),
  ];
  const plan = writeFiles(into, files, exported.facts, force);
  const ok = plan.foreign.length === 0 || force;
  return {
    ok,
    exported,
    message: ok ? describe(plan, exported) : refusal(plan, run),
    outcome: { into, written: ok, changes: plan.changes, foreign: plan.foreign },
  };
}

/** Of a firmware project the folder where its tool finds libraries; any other folder is taken as it is. */
function placeIn(folder: string, name: string): string {
  const project = findProject(folder, folder);
  return project ? libraryFolder(project, name) : folder;
}

function candidateOf(run: string, id: number): Candidate {
  try {
    return readCandidate(run, id);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`candidate ${id}: ${error.message}`);
    throw error;
  }
}

function refusal({ folder, foreign }: WritePlan, run: string): string {
  const all = foreign.length > 5 ? `${foreign.slice(0, 5).join(', ')} and ${foreign.length - 5} more` : foreign.join(', ');
  const verb = foreign.length > 1 ? 'were' : 'was';
  return `${fromHere(folder)} was not touched: ${all} ${verb} not written by SpArSe, or changed since.
Write elsewhere with: sparse export ${fromHere(run)} --into DIR, or beside and over what is there with --force.`;
}

function describe({ folder, changes }: WritePlan, { facts: { name }, plan: { unit } }: Export): string {
  const files = changes.map(
    ({ path, change }) => `  ${path} (${{ create: 'new', replace: 'replaced', same: 'unchanged', remove: 'removed' }[change]})`,
  );
  return [
    `Written to ${fromHere(folder)}:`,
    ...files,
    `  ${MANIFEST}`,
    `Use it: #include "${name}.h", then ${name}_init, ${name}_next_${unit}, ${name}_push_${unit}, ${name}_result.`,
  ].join('\n');
}

const fromHere = (path: string): string => relative(process.cwd(), path) || '.';
