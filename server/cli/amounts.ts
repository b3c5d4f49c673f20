import { ENGINES, type EngineName, type EngineSetting } from '../run/engine.ts';
import { UsageError } from './command.ts';
import type { Overrides } from './run.ts';

/** What the command line said in place of the spec, to be said again. */
export function optionsOf({ trials, timeSeconds, workers, seed }: Overrides): string {
  const given = { trials, time: timeSeconds && `"${timeSeconds} s"`, workers, seed };
  return Object.entries(given)
    .map(([option, value]) => (value === undefined ? '' : `--${option} ${value} `))
    .join('');
}

export const quoted = (path: string): string => (/[^\w./\\:-]/.test(path) ? `"${path}"` : path);

export function count(text: string | undefined, option: string, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw new UsageError(`${option} takes a whole number from ${least} to ${most}, not ${text}`);
  return value;
}

export function seconds(text: string): number {
  const [, amount, unit] = /^\s*(\d+(?:\.\d+)?)\s*(s|min|h)\s*$/.exec(text) ?? [];
  if (!(Number(amount) > 0)) throw new UsageError(`--time takes a time such as "90 s", "30 min" or "2 h", not ${text}`);
  return Number(amount) * { s: 1, min: 60, h: 3600 }[unit as 's' | 'min' | 'h'];
}

export function engineOf(name: string, tensorflow: string | undefined): EngineSetting {
  if (!(ENGINES as readonly string[]).includes(name)) throw new UsageError(`--engine takes ${ENGINES.join(', ')}, not ${name}`);
  return { name: name as EngineName, ...(tensorflow !== undefined && { tensorflow }) };
}
