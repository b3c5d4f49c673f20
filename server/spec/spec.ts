import { isAbsolute, join, resolve } from 'node:path';
import type { ClassGroup, DataFormat, DataSource } from '../dataset/source.ts';
import type { Device } from '../device/device.ts';
import { withBits } from '../network/bits.ts';
import type { Network } from '../network/network.ts';
import type { Shape } from '../network/shape.ts';
import type { OBJECTIVES } from './schema/objectives.ts';
import type { Written } from './schema/schema.ts';

/** A task, resolved: bytes, seconds, shares 0..1, every default filled in. */
export type Spec = {
  /** `[a-z][a-z0-9_]*`: the prefix of C names. */
  readonly name: string;
  readonly data: Data;
  readonly target: Target;
  /** Written by hand; a search starts from it. */
  readonly network?: Network;
  readonly search: Search;
  readonly training: Training;
  readonly pruning: Pruning;
  /** All are made small; no objective twice. */
  readonly objectives: readonly Objective[];
  /** In the unit of the objective: share, bytes, multiply-accumulates. */
  readonly limits: { readonly [name in Objective]?: number };
  readonly output: Output;
};

/** Paths as written, relative to the spec's folder; `resolvePath` finds them. */
export type Data = {
  readonly format: DataFormat;
  readonly train: { readonly samples: string; readonly labels?: string };
  readonly test?: { readonly samples: string; readonly labels?: string };
  readonly validationShare: number;
  readonly testShare: number;
  readonly shape?: Shape;
  readonly labelColumn?: 'first' | 'last';
  readonly classes?: readonly ClassGroup[];
  readonly normalise: 'standard' | 'none';
};

export type Target = {
  /** With the RAM, flash and clock that the spec allows: at most the chip's. */
  readonly device: Device;
  /** What the user's own firmware needs. */
  readonly reserve: Budget;
  /** What the user's own firmware takes, where its compiled program was read. */
  readonly firmware?: FirmwareUse;
  /** The file of the firmware project that names the chip, where the spec leaves that to it. */
  readonly project?: string;
};

/** What the firmware project that the C goes to says of its chip; what it does not say is absent. `file` is where, as told to the user. */
export type ProjectChip = {
  readonly file: string;
  readonly chip?: string;
  readonly ramBytes?: number;
  readonly flashBytes?: number;
  readonly clockHz?: number;
};

/** RAM and flash of a compiled firmware, the network's own share left out. `file` is where they were read, as told to the user. */
export type FirmwareUse = Budget & { readonly file: string };

export type Budget = { readonly ramBytes: number; readonly flashBytes: number };

/** `timeSeconds` and `workers` are absent where the spec leaves them open, and so is every bound of `space` that it does not give. */
export type Search = Written['search'];
export type Strategy = Search['strategy'];
export type Space = Search['space'];
export type Training = Written['training'];
/** Shares of channels and of weights to remove, as closed intervals. */
export type Pruning = Written['pruning'];
export type Objective = (typeof OBJECTIVES)[number];
export type Output = { readonly folder: string; readonly name: string };

/** What the target has left for the network. */
export const budgetOf = ({ target: { device, firmware, reserve } }: Pick<Spec, 'target'>): Budget => ({
  ramBytes: device.ramBytes - (firmware?.ramBytes ?? 0) - reserve.ramBytes,
  flashBytes: device.flashBytes - (firmware?.flashBytes ?? 0) - reserve.flashBytes,
});

/** A network with the integers that the spec asks for. */
export const deployed = ({ training: { quantization } }: Pick<Spec, 'training'>, network: Network): Network =>
  withBits(network, quantization.weights, { activationBits: quantization.activations, powerOfTwo: quantization.powerOfTwo });

/** A path of the spec, from the folder in which the spec lies. */
export const resolvePath = (folder: string, written: string): string => (isAbsolute(written) ? written : resolve(join(folder, written)));

/** Where and how to load the data, free of the spec's syntax. `folder` is the spec's. */
export function toDataSource(spec: Pick<Spec, 'name' | 'data' | 'search'>, folder: string): DataSource {
  const { train, test, format, validationShare, testShare, shape, labelColumn, classes, normalise } = spec.data;
  const split = ({ samples, labels }: Data['train']) => ({
    samples: resolvePath(folder, samples),
    ...(labels === undefined ? {} : { labels: resolvePath(folder, labels) }),
  });
  return {
    name: spec.name,
    format,
    train: split(train),
    ...(test ? { test: split(test) } : {}),
    validationShare,
    testShare,
    ...(shape ? { shape } : {}),
    ...(labelColumn ? { labelColumn } : {}),
    ...(classes ? { classes } : {}),
    normalise,
    seed: spec.search.seed,
  };
}
