import type { ToView } from '../server/protocol.ts';

/** A message as the extension sends it; anything else is dropped. */
export function readMessage(data: unknown): ToView | undefined {
  if (!isRecord(data)) return undefined;
  if (data.type === 'gone') return typeof data.folder === 'string' ? (data as ToView) : undefined;
  return data.type === 'run' && isView(data.view) ? (data as ToView) : undefined;
}

const isView = (view: unknown): boolean =>
  isRecord(view) &&
  isRecord(view.run) &&
  has(view.run, 'string', 'folder', 'spec', 'name', 'status') &&
  has(view.run, 'number', 'startedAt', 'elapsedMs', 'trials', 'feasible') &&
  isRecord(view.budget) &&
  has(view.budget, 'number', 'ramBytes', 'flashBytes') &&
  has(view, 'string', 'chip') &&
  every(view.trials, (trial) => has(trial, 'string', 'id') && has(trial, 'number', 'ramBytes', 'flashBytes')) &&
  every(view.candidates, isCandidate);

const isCandidate = (candidate: Record<string, unknown>): boolean =>
  has(candidate, 'string', 'id') &&
  has(candidate, 'number', 'ramBytes', 'stateBytes', 'stackBytes', 'flashBytes', 'macs', 'validationAccuracy') &&
  every(candidate.layers, isLayer);

const isLayer = (row: Record<string, unknown>): boolean =>
  has(row, 'string', 'layer', 'op', 'shape', 'form') &&
  has(row, 'number', 'bufferBytes', 'liveBytes') &&
  every(row.blocks, (block) => has(block, 'number', 'offset', 'bytes') && has(block, 'string', 'role'));

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const every = (value: unknown, holds: (item: Record<string, unknown>) => boolean): boolean =>
  Array.isArray(value) && value.every((item) => isRecord(item) && holds(item));

const has = (record: Record<string, unknown>, type: 'string' | 'number', ...keys: string[]): boolean =>
  keys.every((key) => typeof record[key] === type);
