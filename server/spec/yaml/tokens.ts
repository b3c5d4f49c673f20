import { CST, Lexer, Parser } from 'yaml';
import { formatCount } from '../format.ts';
import type { PlacedFault } from '../syntax.ts';

export const LONGEST_TEXT = 1 << 20;
const MOST_WORDS = 60_000;
export const DEEPEST = 32;

/** Why a text is refused before it is read, however it is read. */
export function tooLarge(text: string): PlacedFault | undefined {
  const refused = (holds: string): PlacedFault => ({
    code: 'tooLarge',
    start: 0,
    end: 1,
    message: `the file ${holds}; a spec is a few lines`,
  });
  if (text.length > LONGEST_TEXT) return refused(`is larger than ${LONGEST_TEXT >> 20} MB`);
  return text.length > MOST_WORDS && signs(text) > MOST_WORDS ? refused(`holds more than ${formatCount(MOST_WORDS)} words`) : undefined;
}

/** What parts words, as far as it matters: YAML makes no more than a few lexemes of each. */
function signs(text: string): number {
  let count = 0;
  for (const sign of '\n-?:,[]{}')
    for (let at = text.indexOf(sign); at >= 0 && count <= MOST_WORDS; at = text.indexOf(sign, at + 1)) count++;
  return count;
}

/** The syntax of a text that stands `outside` deep in another; where it is too deep, the offset at which it is. */
export function tokensOf(text: string, outside = 0): CST.Token[] | number {
  const deepest = DEEPEST - outside;
  const tokens: CST.Token[] = [];
  const parser = new Parser();
  let offset = 0;
  let depth = 0;
  for (const lexeme of new Lexer().lex(text)) {
    depth += Number(lexeme === '[' || lexeme === '{') - Number(lexeme === ']' || lexeme === '}');
    if (lexeme === UNCLOSED) depth = 0;
    if (depth > deepest) return offset;
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (!MARKERS.has(lexeme)) offset += lexeme.length;
  }
  for (const token of parser.end()) tokens.push(token);
  return tooDeepAt(tokens, deepest) ?? tokens;
}

/** Lexemes by which the lexer tells the parser what follows; they are not in the text. */
const UNCLOSED = '\u{18}';
const MARKERS = new Set(['\u{2}', UNCLOSED, '\u{1f}']);

/** The offset of the first value that lies too deep to be read by recursion. */
function tooDeepAt(tokens: readonly CST.Token[], deepest: number): number | undefined {
  const stack = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { token, depth } = next;
    if (depth > deepest) return 'offset' in token ? token.offset : 0;
    if (token.type === 'document' && token.value) stack.push({ token: token.value, depth });
    if (!CST.isCollection(token)) continue;
    for (const item of token.items) {
      if (item.key) stack.push({ token: item.key, depth: depth + 1 });
      if (item.value) stack.push({ token: item.value, depth: depth + 1 });
    }
  }
  return undefined;
}
