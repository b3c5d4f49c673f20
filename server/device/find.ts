import { chips } from './chips.ts';
import type { Device } from './device.ts';

/**
 * The chip of that name. Case, spaces, dashes and underscores do not matter, and an order code (`STM32F103C8T6`, `ATmega328P-AU`)
 * finds the chip whose name it begins with; of several, the longest.
 */
export function findChip(name: string): Device | undefined {
  const wanted = plain(name);
  return byId.get(wanted) ?? byOrderCode(wanted);
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[\s_-]/g, '');

const byId = new Map(chips.flatMap((chip) => [chip.id, plain(chip.name)].map((key) => [key, chip])));

function byOrderCode(wanted: string): Device | undefined {
  const found = chips.filter((chip) => isOrderCode(wanted, chip.id));
  return found.sort((a, b) => b.id.length - a.id.length)[0];
}

/** Package, temperature and the like, as makers write them behind a part's name. Other letters make another part: an ATmega328PB is no ATmega328P. */
const suffixes: readonly [family: RegExp, suffix: RegExp][] = [
  [/^at(mega|tiny)/, /^(au|pu|mu|an|ssu|ssn|20su|20pu|su|aur|mur)$/],
  [/^stm32/, /^[a-z][0-9](tr)?$/],
  [/^nrf/, /^(qf|qi|ci|ce)a[abc][a-z0-9]*$/],
  [/^samd/, /^a([a-z]*)$/],
];

const isOrderCode = (wanted: string, id: string): boolean =>
  wanted.startsWith(id) && suffixes.some(([family, suffix]) => family.test(id) && suffix.test(wanted.slice(id.length)));
