import { nearest } from '../nearest.ts';
import type { Path, ProblemCode } from '../problem.ts';
import { alternatives, schemasAt } from '../schema/walk.ts';
import { type KindName, kindOf } from '../units.ts';

/** What a value that cannot stand was most likely meant to be. */
export function meant(code: ProblemCode, written: string, path: Path): string[] {
  switch (code) {
    case 'unit':
      return unitMeant(written, path);
    case 'wrongType':
      return otherKind(written);
    case 'outOfRange':
      return nearestNumber(written, path);
    case 'bounds':
      return swapped(written);
    case 'identifier':
      return identifier(written, path);
    case 'shares':
      return defaults(path);
    default:
      return [];
  }
}

/** A number in quotes or with a decimal comma, a shape with crosses, one item for a list. */
function otherKind(written: string): string[] {
  const plain = written.replace(/^(["'])(.*)\1$/, '$2').trim();
  if (/^-?\d+([.,]\d+)?$/.test(plain) && plain.replace(',', '.') !== written) return [plain.replace(',', '.')];
  if (/^\d+(\s*[xX*×]\s*\d+)+$/.test(plain)) return [`[${plain.split(/\s*[xX*×]\s*/).join(', ')}]`];
  return /^[A-Za-z]\w*$/.test(plain) ? [`[${plain}]`] : [];
}

/** The value that holds where a key is left out. */
export const defaults = (path: Path): string[] =>
  schemasAt(path)
    .flatMap((node) => (typeof node.default === 'object' ? [] : [node.default]))
    .filter((value) => value !== undefined)
    .map(String)
    .slice(0, 1);

/** `10` for a share is percent; of a mistyped unit the one that was meant. */
function unitMeant(written: string, path: Path): string[] {
  const titles = schemasAt(path).map(({ title }) => title);
  const name = (['size', 'duration', 'share', 'frequency'] as KindName[]).find((each) => titles.includes(kindOf(each).allowed));
  const [, hours, minutes] = /^["']?(\d+)\s*h\s*(\d+)\s*(?:m|min)?["']?$/.exec(written) ?? [];
  if (name === 'duration' && hours !== undefined) return [`${Number(hours) * 60 + Number(minutes)} min`];
  const [, number, unit] = /^["']?\s*(\d+(?:\.\d+)?)\s*([A-Za-z%]*)\s*["']?$/.exec(written) ?? [];
  if (!name || number === undefined) return [];
  if (unit === '') return name === 'share' && Number(number) <= 100 ? [`${number} %`] : [];
  const meant = nearest(unit, Object.keys(kindOf(name).units));
  return meant === undefined ? [] : [`${number} ${meant}`];
}

function nearestNumber(written: string, path: Path): string[] {
  const value = Number(written);
  if (written.trim() === '' || Number.isNaN(value)) return [];
  const ranges = schemasAt(path)
    .flatMap(alternatives)
    .filter(({ minimum, maximum }) => minimum !== undefined && maximum !== undefined);
  return ranges.slice(0, 1).map(({ minimum, maximum }) => String(Math.min(Math.max(value, minimum!), maximum!)));
}

const swapped = (written: string): string[] => {
  const [, low, high] = /^\[\s*([^,\s]+)\s*,\s*([^,\]\s]+)\s*\]$/.exec(written) ?? [];
  return low === undefined ? [] : [`[${high}, ${low}]`];
};

/** Names of layers keep their capitals; all others are lower case throughout. */
function identifier(written: string, path: Path): string[] {
  const words = written
    .replaceAll(/^["']|["']$/g, '')
    .normalize('NFD')
    .replaceAll(/[^\w]+/g, '_')
    .replaceAll(/^[_\d]+|_+$/g, '');
  const name = path[0] === 'network' ? words.charAt(0).toLowerCase() + words.slice(1) : words.toLowerCase();
  return name === '' ? [] : [name.slice(0, 31)];
}
