import { type Parsed, type ParseOptions, parseSpec } from '../parse.ts';
import type { ProjectChip } from '../spec.ts';
import type { DataFacts, SpaceFacts } from './facts.ts';
import type { NetworkPrice, PriceNetwork } from './price.ts';

/** A spec as the editor's features read it: parsed, its network priced as far as it is sound, and what is known from outside the text. */
export type Examined = {
  readonly parsed: Parsed;
  readonly price?: NetworkPrice;
  readonly data?: DataFacts;
  readonly space?: SpaceFacts;
  readonly project?: ProjectChip;
};

export type ExamineOptions = ParseOptions & { readonly price?: PriceNetwork; readonly data?: DataFacts; readonly space?: SpaceFacts };

export function examine(text: string, options: ExamineOptions = {}): Examined {
  const { price, data, space, project } = options;
  const parsed = parseSpec(text, { input: data?.probe?.shape, classCount: data?.probe?.classes.length, ...options });
  const facts = { ...(data ? { data } : {}), ...(space ? { space } : {}), ...(project ? { project } : {}) };
  const { network, target } = parsed.draft;
  if (!price || !network || network.layers.length === 0) return { parsed, ...facts };
  const found = price(network, target?.device);
  return { parsed, ...(found ? { price: found } : {}), ...facts };
}
