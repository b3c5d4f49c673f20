import { type Parsed, type ParseOptions, parseSpec } from '../parse.ts';
import type { NetworkPrice, PriceNetwork } from './price.ts';

/** A spec as the editor's features read it: parsed, and its network priced as far as it is sound. */
export type Examined = { readonly parsed: Parsed; readonly price?: NetworkPrice };

export function examine(text: string, options: ParseOptions & { readonly price?: PriceNetwork } = {}): Examined {
  const parsed = parseSpec(text, options);
  const { network, target } = parsed.draft;
  if (!options.price || !network || network.layers.length === 0) return { parsed };
  return { parsed, price: options.price(network, target?.device) };
}
