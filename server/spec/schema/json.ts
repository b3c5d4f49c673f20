import * as z from 'zod';
import { RENAMED } from './renamed.ts';
import { schema } from './schema.ts';

/** A node of the JSON schema, as far as we read it. */
export type JsonSchema = {
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null';
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly (string | number)[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: { readonly [key: string]: JsonSchema };
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
};

/** The language as a JSON schema of what may be written. */
export const jsonSchema: JsonSchema = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' }) as JsonSchema;

/** The text of `media/schema/sparse.schema.json`, which knows the former names of keys, too. */
export function schemaText(): string {
  const properties = { ...jsonSchema.properties };
  for (const { section, old, now } of RENAMED) {
    const before = properties[section];
    const former = { ...before.properties![now], deprecated: true, description: `Called \`${now}\` now.` };
    properties[section] = { ...before, properties: { ...before.properties, [old]: former } };
  }
  const whole = { ...jsonSchema, properties, title: 'SpArSe spec', description: 'What to recognise, and which chip the network must fit.' };
  return `${JSON.stringify(whole, null, 2)}\n`;
}
