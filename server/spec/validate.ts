import type * as z from 'zod';
import { issueFaults } from './issue.ts';
import type { Fault } from './problem.ts';
import { remembering } from './remember.ts';
import { SECTIONS, type Section, schema, type Written } from './schema/schema.ts';

export type Validated = {
  /** The sections that are sound, and of the others what is sound in them. */
  readonly written: Partial<Written>;
  readonly faults: readonly Fault[];
};

/** Holds a plain value against the schema, section by section, so that a fault in one leaves the others readable. */
export function validate(value: unknown): Validated {
  if (value !== null && (typeof value !== 'object' || Array.isArray(value)))
    return { written: {}, faults: [{ code: 'wrongType', path: [], message: `a spec is keys and values: ${SECTIONS.join(', ')}` }] };
  const spec = (value ?? {}) as { [key: string]: unknown };
  const faults: Fault[] = issueFaults(topIssues(spec), spec, []);
  const written: { [key: string]: unknown } = {};
  for (const section of SECTIONS) {
    const checked = checks[section](spec[section]);
    written[section] = checked.written;
    if (section in spec) faults.push(...checked.faults);
  }
  return { written: written as Partial<Written>, faults };
}

/** A keystroke changes one section; the others are as they were. */
const checks = Object.fromEntries(SECTIONS.map((section) => [section, remembering((value: unknown) => check(section, value))])) as {
  readonly [section in Section]: (value: unknown) => ReturnType<typeof check>;
};

function check(section: Section, value: unknown): { readonly written: unknown; readonly faults: readonly Fault[] } {
  const result = schema.shape[section].safeParse(value);
  if (result.success) return { written: result.data, faults: [] };
  const { issues } = result.error;
  return { written: salvage(schema.shape[section], value, issues), faults: issueFaults(issues, value, [section]) };
}

/** What of the spec's own keys is unknown or missing. */
function topIssues(spec: { [key: string]: unknown }): z.core.$ZodIssue[] {
  const keys = Object.keys(spec).filter((key) => !SECTIONS.includes(key as Section));
  const unknown: z.core.$ZodIssue[] = keys.length > 0 ? [{ code: 'unrecognized_keys', keys, path: [], message: '', input: spec }] : [];
  const missing = SECTIONS.filter((key) => !(key in spec) && NEEDED.has(key));
  const absent = missing.map(
    (key): z.core.$ZodIssue => ({ code: 'invalid_type', expected: 'object', path: [key], message: '', input: undefined }),
  );
  return [...unknown, ...absent];
}

/** The sections that may not be left out. */
const NEEDED: ReadonlySet<string> = new Set(SECTIONS.filter((key) => !schema.shape[key].safeParse(undefined).success));

/** The value without what is wrong in it: a list up to its first fault, a mapping without the faulty keys. */
function salvage(section: z.ZodType, value: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const copy = structuredClone(value);
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') for (const key of issue.keys) cut(copy, [...issue.path, key]);
    else cut(copy, issue.path);
  }
  const result = section.safeParse(copy);
  return result.success ? result.data : undefined;
}

function cut(value: unknown, path: readonly PropertyKey[]): void {
  let node = value as { [key: PropertyKey]: unknown } | unknown[] | undefined;
  for (const [depth, step] of path.entries()) {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      node.splice(Number(step));
      return;
    }
    if (depth === path.length - 1) delete node[step];
    else node = node[step] as typeof node;
  }
}
