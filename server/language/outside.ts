import { dirname } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Device } from '../device/device.ts';
import { findChip } from '../device/find.ts';
import type { FirmwareUse, Written } from '../firmware/use.ts';
import type { Network } from '../network/network.ts';
import type { DataFacts, SpaceFacts } from '../spec/features/facts.ts';
import type { Parsed } from '../spec/parse.ts';
import { type ProjectChip, resolvePath, type Spec, type Target, toDataSource } from '../spec/spec.ts';
import { type DataLook, sourceKey } from './data.ts';

/** What of a spec is found outside its text, and how. Whatever is left out is not looked for. */
export type Looks = {
  readonly data?: DataLook;
  readonly firmware?: (written: Written, top: string, device: Target['device']) => Promise<FirmwareUse | undefined>;
  /** What the project that a folder lies in says of its chip; nothing above `top` is looked at. */
  readonly project?: (folder: string, top: string) => ProjectChip | undefined;
  /** Prices a network that is too large to be priced at once; the name is that of the network. */
  readonly price?: (network: Network, device?: Device) => string;
  readonly space?: (
    spec: Spec,
    data: { shape: NonNullable<Spec['data']['shape']>; classes: readonly string[] },
  ) => Generator<void, SpaceFacts, void>;
};

/** What was found, and for which words of the spec it holds. */
export type Outside = {
  readonly data?: DataFacts;
  readonly dataKey?: string;
  readonly firmware?: FirmwareUse;
  readonly project?: ProjectChip;
  readonly space?: SpaceFacts;
  readonly spaceKey?: string;
  readonly priced?: string;
  /** Counts the changes. */
  readonly revision: number;
};

export const NOTHING: Outside = { revision: 0 };

/** Finds what is outside of the specs' texts, apart from keystrokes: once typing pauses, and when files change. */
export type Outsider = {
  known(file: string): Outside;
  /** Looks soon, unless another spec of the same file comes before. */
  later(file: string, parsed: Parsed): void;
  /** Looks now; true if anything is other than before. */
  look(file: string, parsed: Parsed): Promise<boolean>;
  forget(file: string): void;
};

export function createOutsider(
  looks: Looks,
  {
    quietMs,
    changed,
    topOf,
    log,
  }: { quietMs: number; changed(file: string): void; topOf(file: string): string; log(fault: unknown): void },
): Outsider {
  const found = new Map<string, Outside>();
  const timers = new Map<string, NodeJS.Timeout>();
  const rounds = new Map<string, number>();
  const known = (file: string) => found.get(file) ?? NOTHING;
  const drop = (file: string) => {
    clearTimeout(timers.get(file));
    timers.delete(file);
  };

  async function look(file: string, parsed: Parsed): Promise<boolean> {
    const round = (rounds.get(file) ?? 0) + 1;
    rounds.set(file, round);
    const overtaken = () => rounds.get(file) !== round;
    const before = known(file);
    let now = { ...before, ...(await lookAtFiles(looks, dirname(file), topOf(file), parsed)) };
    if (overtaken()) return false;
    const { network, target } = parsed.draft;
    const priced = network && network.layers.length > 0 ? looks.price?.(network, target?.device) : undefined;
    now = { ...now, priced, ...(await lookAtSpace(looks, parsed, now, overtaken)) };
    const same = JSON.stringify({ ...now, revision: 0 }) === JSON.stringify({ ...before, revision: 0 });
    if (overtaken() || same) return false;
    found.set(file, { ...now, revision: before.revision + 1 });
    return true;
  }

  return {
    known,
    look,
    later(file, parsed) {
      drop(file);
      const timer = setTimeout(() => {
        timers.delete(file);
        look(file, parsed).then((isNew) => isNew && changed(file), log);
      }, quietMs);
      timers.set(file, timer);
    },
    forget(file) {
      drop(file);
      found.delete(file);
      rounds.set(file, (rounds.get(file) ?? 0) + 1);
    },
  };
}

/** The data and the firmware of a spec, and the project of the firmware. */
export async function lookAtFiles(looks: Looks, folder: string, top: string, { draft }: Parsed): Promise<Partial<Outside>> {
  const source = sourceOf(draft, folder);
  const written = draft.output && { folder: resolvePath(folder, draft.output.folder), name: draft.output.name };
  const project = written && looks.project?.(written.folder, top);
  const device = draft.target?.device ?? (project?.chip === undefined ? undefined : findChip(project.chip));
  const [facts, firmware] = await Promise.all([
    source && looks.data?.(source),
    written && device && looks.firmware ? looks.firmware(written, top, device) : undefined,
  ]);
  return { ...(facts && source ? { data: facts, dataKey: sourceKey(source) } : {}), firmware, project };
}

/** Only of a sound spec without a network of its own, which would be trained as it is. */
async function lookAtSpace(
  { space }: Looks,
  parsed: Parsed,
  { data, spaceKey: last }: Outside,
  stop: () => boolean,
): Promise<Partial<Outside>> {
  const { spec } = parsed;
  const key = spaceKey(parsed, data);
  if (!space || !spec || key === undefined || key === last) return {};
  const steps = space(spec, inputOf(parsed, data)!);
  for (let next = steps.next(); ; next = steps.next()) {
    if (next.done) return { space: next.value, spaceKey: key };
    await turn();
    if (stop()) return {};
  }
}

/** What the search could propose depends on this, and on nothing else. */
export function spaceKey(parsed: Parsed, data: DataFacts | undefined): string | undefined {
  const input = inputOf(parsed, data);
  if (!parsed.spec || parsed.spec.network || !input) return undefined;
  const { target, search, training, pruning, limits } = parsed.spec;
  const { device, reserve, firmware } = target;
  const { learningRate, weightDecay, quantization, classWeights } = training;
  const own = [device, reserve, firmware, search.space, pruning, limits, learningRate, weightDecay, quantization, classWeights];
  return JSON.stringify([...own, input.shape, classWeights === undefined ? input.classes.length : input.classes]);
}

/** By the data on disk; where there are none yet, by what the spec says. */
export function inputOf({ draft }: Parsed, data: DataFacts | undefined) {
  const shape = data?.probe?.shape ?? draft.data?.shape;
  const classes = data?.probe?.classes ?? draft.data?.classes?.map(({ name }) => name);
  return shape && classes && { shape, classes };
}

export const sourceOf = ({ name, data, search }: Parsed['draft'], folder: string) =>
  name !== undefined && data && search ? toDataSource({ name, data, search }, folder) : undefined;
