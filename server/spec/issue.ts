import type * as z from 'zod';
import { nearest } from './nearest.ts';
import type { Fault, Path, ProblemCode } from './problem.ts';
import { allowed, alternatives, keysAt, schemasAt } from './schema/walk.ts';

type Issue = z.core.$ZodIssue;

/** A text that is all wrong is not told so line by line. */
export const MOST_TOLD = 100;

/** Schema issues as faults: the first of each place, none inside a place that is itself at fault. `value` is what stands at `base`. */
export function issueFaults(issues: readonly Issue[], value: unknown, base: Path): Fault[] {
  const faults = issues.slice(0, MOST_TOLD).flatMap((issue) => faultsOf(issue, value, base));
  return faults.filter((fault, index) => !misspelt(fault, faults) && !faults.some((other, at) => hides(other, at, fault, index)));
}

const hides = (other: Fault, at: number, fault: Fault, index: number): boolean =>
  at !== index && covers(other, fault) && (other.path.length < fault.path.length || at < index);

/** A missing key that stands there in another spelling. */
const misspelt = (fault: Fault, faults: readonly Fault[]): boolean =>
  fault.code === 'missingKey' &&
  faults.some(
    ({ code, path, instead }) =>
      code === 'unknownKey' && instead === fault.path.at(-1) && label(path.slice(0, -1)) === label(fault.path.slice(0, -1)),
  );

const covers = (outer: Fault, inner: Fault): boolean =>
  outer.path.length <= inner.path.length && outer.path.every((step, index) => step === inner.path[index]);

function faultsOf(issue: Issue, value: unknown, base: Path): Fault[] {
  const path = [...base, ...(issue.path as Path)];
  const found = valueAt(value, issue.path as Path);
  switch (issue.code) {
    case 'invalid_union':
      return unionFaults(issue, value, base);
    case 'unrecognized_keys':
      return issue.keys.slice(0, MOST_TOLD).map((key) => unknownKey([...path, key]));
    case 'custom':
      return [{ code: issue.params?.problem as ProblemCode, path, message: `${label(path)}: ${issue.message}` }];
    default:
      return [mismatch(codeOf(issue, found), path, found, counted(issue))];
  }
}

/** Of a union the branch that was meant: the one whose faults lie inside the value; if none, the union as a whole. */
function unionFaults(issue: Extract<Issue, { code: 'invalid_union' }>, value: unknown, base: Path): Fault[] {
  const inside = issue.errors.find(
    (branch) => branch.length > 0 && branch.every((each) => each.path.length > 0 || each.code === 'unrecognized_keys'),
  );
  if (inside) return inside.flatMap((each) => faultsOf({ ...each, path: [...issue.path, ...each.path] } as Issue, value, base));
  const found = valueAt(value, issue.path as Path);
  const codes = issue.errors.flat().map((each) => codeOf(each, found));
  const code = (['unknownValue', 'outOfRange'] as const).find((each) => codes.includes(each)) ?? 'wrongType';
  return [mismatch(code, [...base, ...(issue.path as Path)], found)];
}

function codeOf(issue: Issue, found: unknown): ProblemCode {
  if (issue.code === 'too_small' || issue.code === 'too_big') return 'outOfRange';
  if (issue.code === 'invalid_format') return 'identifier';
  return issue.code === 'invalid_value' && typeof found === 'string' ? 'unknownValue' : 'wrongType';
}

/** What stands at a path is not what the schema allows there. */
function mismatch(code: ProblemCode, path: Path, found: unknown, count = ''): Fault {
  if (found === undefined) return missingKey(path);
  const schemas = schemasAt(path);
  const expected = [...new Set(schemas.map(allowed))].join(', or ');
  if (found === null) return { code: 'missingValue', path, at: 'key', message: `${label(path)} has no value; expected ${expected}` };
  const known = schemas.flatMap(alternatives).flatMap((node) => node.enum ?? []);
  return {
    code,
    path,
    message: `${label(path)} must be ${expected}${count}, not ${show(found)}`,
    ...(code === 'unknownValue' ? suggestion(nearest(String(found), known.map(String))) : {}),
  };
}

function unknownKey(path: Path): Fault {
  const key = String(path[path.length - 1]);
  const known = [...keysAt(path.slice(0, -1)).keys()];
  const meant = nearest(key, known);
  return {
    code: 'unknownKey',
    path,
    at: 'key',
    message: `there is no key ${show(key)} ${where(path)}; allowed: ${known.join(', ') || 'none'}`,
    ...(besideOperation(path) ? { hint: `Write ${key} beside ${path[2]}, in the same column.` } : suggestion(meant)),
  };
}

/** A layer's name or inputs among its settings: one indentation too deep. */
const besideOperation = (path: Path): boolean => path[0] === 'network' && path.length === 4 && (path[3] === 'name' || path[3] === 'inputs');

function missingKey(path: Path): Fault {
  const key = path[path.length - 1];
  if (typeof key === 'number') return { code: 'outOfRange', path: path.slice(0, -1), message: `${label(path.slice(0, -1))} is too short` };
  const [node] = schemasAt(path);
  const about = node?.description ? ` ${node.description}` : '';
  return {
    code: 'missingKey',
    path,
    at: 'key',
    message: `${key} is missing${path.length === 1 ? '' : ` ${where(path)}`}`,
    hint: `Add ${key}:${about}`,
  };
}

export const suggestion = (meant: string | undefined): { hint?: string; instead?: string } =>
  meant === undefined ? {} : { hint: `Did you mean ${meant}?`, instead: meant };

/** A path's last key, with the indices behind it: `kernel`, `shape[0]`. */
export function label(path: Path): string {
  const last = path.findLastIndex((step) => typeof step === 'string');
  const indices = path.slice(last + 1).map((step) => `[${step}]`);
  return `${last < 0 ? 'the spec' : path[last]}${indices.join('')}`;
}

const where = (path: Path): string => (path.length === 1 ? 'in a spec' : `in ${label(path.slice(0, -1))}`);

/** The length that a list must have. */
function counted(issue: Issue): string {
  if (!(issue.code === 'too_small' || issue.code === 'too_big') || issue.origin !== 'array') return '';
  const [words, length] = issue.code === 'too_small' ? ['at least', issue.minimum] : ['at most', issue.maximum];
  return ` with ${words} ${length} item${Number(length) === 1 ? '' : 's'}`;
}

export function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'a mapping';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

export const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (node, step) =>
      typeof node === 'object' && node !== null && Object.hasOwn(node, step)
        ? (node as { [key: string | number]: unknown })[step]
        : undefined,
    value,
  );
