/** What a word without quotes means, by the core schema of YAML 1.2 (10.3.2). */
export function plainScalar(word: string): string | number | boolean | null {
  const first = word.charCodeAt(0);
  const perhapsNumber = first <= 57 && (first >= 48 || first === 43 || first === 45 || first === 46);
  if (perhapsNumber) {
    if (DECIMAL.test(word)) return Number.parseInt(word, 10);
    if (FLOAT.test(word)) return Number.parseFloat(word);
    if (/^0o[0-7]+$/.test(word)) return Number.parseInt(word.slice(2), 8);
    if (/^0x[\da-fA-F]+$/.test(word)) return Number.parseInt(word.slice(2), 16);
    if (/^[-+]?\.(inf|Inf|INF)$/.test(word)) return first === 45 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    return /^\.(nan|NaN|NAN)$/.test(word) ? Number.NaN : word;
  }
  return CONSTANTS.has(word) ? CONSTANTS.get(word)! : word;
}

const DECIMAL = /^[-+]?\d+$/;
const FLOAT = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/;

const CONSTANTS = new Map<string, boolean | null>([
  ...['~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);
