import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { DataSource } from '../dataset/source.ts';
import { projectChip } from '../firmware/chip.ts';
import { isInside } from '../firmware/project.ts';
import { type FirmwareUse, firmwareUse } from '../firmware/use.ts';
import { createDataLook } from '../language/data.ts';
import { inputOf } from '../language/outside.ts';
import { examineSpace, smallestFits } from '../language/space.ts';
import { priceNetwork } from '../run/price.ts';
import { drain } from '../search/drain.ts';
import { diagnose } from '../spec/features/diagnostics.ts';
import { examine } from '../spec/features/examine.ts';
import type { DataFacts, SpaceFacts } from '../spec/features/facts.ts';
import type { NetworkPrice } from '../spec/features/price.ts';
import { type Parsed, parseSpec } from '../spec/parse.ts';
import type { Problem } from '../spec/problem.ts';
import { budgetOf, type ProjectChip, resolvePath, type Spec, toDataSource } from '../spec/spec.ts';
import { type Command, UsageError } from './command.ts';
import { formatProblems, hasErrors, readSpecFile } from './problems.ts';
import { bytes, table } from './table.ts';

export const check: Command = {
  summary: 'checks a spec and the data that it names',
  usage: 'sparse check FILE [--space] [--json]',
  async run(args, console) {
    const options = { json: { type: 'boolean', default: false }, space: { type: 'boolean', default: false } } as const;
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
    if (positionals.length !== 1) throw new UsageError(`usage: ${check.usage}`);
    const [file] = positionals;
    const { parsed, price, problems } = await checkFile(file, values.space ? 'share' : 'least');
    const { spec } = parsed;
    const failed = hasErrors(problems);
    if (values.json)
      console.out(`${JSON.stringify({ file, ok: !failed, problems, ...(spec && { budget: budgetOf(spec), network: price }) })}\n`);
    else {
      console.out(formatProblems(file, problems));
      if (!failed && spec) console.out(summary(spec, price, problems));
    }
    return failed ? 1 : 0;
  },
};

/**
 * The spec and its problems, those of its data (headers and labels only) and of its network's price included; where it is asked for, of its
 * search space: whether anything of it fits (`least`), or what share does as well, which takes seconds.
 */
export async function checkFile(
  file: string,
  space?: 'least' | 'share',
): Promise<{ text: string; parsed: Parsed; price?: NetworkPrice; problems: Problem[] }> {
  const text = readSpecFile(file);
  const folder = dirname(resolve(file));
  const { draft } = parseSpec(text);
  const source = dataSourceOf(draft, folder);
  const data = source && (await createDataLook()(source));
  const project = projectOf(draft, folder);
  const firmware = await compiledFirmware(parseSpec(text, { project }).draft, folder);
  const examined = examine(text, { price: priceNetwork, firmware, project, data });
  const { parsed, price } = examined;
  const problems = diagnose(space ? { ...examined, space: spaceOf(parsed, data, space) } : examined);
  return { text, parsed, price, problems };
}

/** What the search of a sound spec could propose, where there is one. */
function spaceOf(parsed: Parsed, data: DataFacts | undefined, asked: 'least' | 'share'): SpaceFacts | undefined {
  const input = inputOf(parsed, data);
  if (!parsed.spec || parsed.spec.network || !input) return undefined;
  if (asked === 'least' && smallestFits(parsed.spec, input)) return undefined;
  return drain(examineSpace(parsed.spec, input));
}

/** What the project that the C goes to takes already, where it was built. */
async function compiledFirmware({ output, target }: Partial<Spec>, folder: string): Promise<FirmwareUse | undefined> {
  if (!output || !target) return undefined;
  return firmwareUse({ folder: resolvePath(folder, output.folder), name: output.name }, topOf(folder), target.device);
}

/** What that project says of its chip. */
export const projectOf = ({ output }: Partial<Spec>, folder: string): ProjectChip | undefined =>
  output && projectChip(resolvePath(folder, output.folder), topOf(folder));

/** Nothing above the working folder, or the spec's, is looked at. */
const topOf = (folder: string): string => (isInside(folder, process.cwd()) ? process.cwd() : folder);

/** Where a spec's data lie, though the spec may have errors elsewhere: a network written by hand leaves it to the data to say what its input is. */
export const dataSourceOf = ({ name, data, search }: Partial<Spec>, folder: string): DataSource | undefined =>
  name && data && search ? toDataSource({ name, data, search }, folder) : undefined;

/** What the budget is what is left beside. */
const beside = ({ target: { firmware } }: Spec): string =>
  firmware ? ` beside the firmware in ${firmware.file} (${bytes(firmware.ramBytes)} and ${bytes(firmware.flashBytes)})` : '';

const chipName = ({ target: { device, project } }: Spec): string =>
  project === undefined ? device.name : `${device.name}, which ${project} names,`;

function summary(spec: Spec, price: NetworkPrice | undefined, problems: readonly Problem[]): string {
  const { ramBytes, flashBytes } = budgetOf(spec);
  const warned = problems.some(({ severity }) => severity === 'warning');
  const fit = problems.find(({ code }) => code === 'fit');
  const head = `${spec.name}: no ${warned ? 'errors' : 'problems'}. ${chipName(spec)} leaves ${bytes(ramBytes)} of RAM and ${bytes(flashBytes)} of flash${beside(spec)}.\n${fit ? `${sentence(fit.message)}\n` : ''}`;
  if (!price) return head;
  const rows = price.layers.map(({ layer, shape, form, bufferBytes, liveBytes }) => [
    layer,
    shape,
    form,
    bytes(bufferBytes),
    bytes(liveBytes),
  ]);
  return `${head}\n${table(['layer', 'output', 'runs', 'adds', 'in use'], rows)}\n\nRAM ${bytes(price.ramBytes)}, flash ${bytes(price.flashBytes ?? 0)} (predicted)\n`;
}

const sentence = (message: string): string => `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
