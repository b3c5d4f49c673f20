import { CST, Lexer, Parser } from 'yaml';
import type { PlacedFault } from './syntax.ts';

export const LONGEST_TEXT = 1 << 20;
const MOST_LEXEMES = 250_000;
const DEEPEST = 32;

/** The syntax of the text, or why it is refused before it is understood. */
export function tokensOf(text: string): CST.Token[] | PlacedFault {
  const about = 'a spec is a few lines';
  if (text.length > LONGEST_TEXT)
    return { code: 'tooLarge', start: 0, end: 1, message: `the file is larger than ${LONGEST_TEXT >> 20} MB; ${about}` };
  const tokens: CST.Token[] = [];
  const parser = new Parser();
  let offset = 0;
  let depth = 0;
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    depth += Number(lexeme === '[' || lexeme === '{') - Number(lexeme === ']' || lexeme === '}');
    if (depth > DEEPEST) return tooDeep(offset);
    if (++count > MOST_LEXEMES)
      return { code: 'tooLarge', start: 0, end: 1, message: `the file holds more than ${MOST_LEXEMES} words; ${about}` };
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (!MARKERS.has(lexeme)) offset += lexeme.length;
  }
  for (const token of parser.end()) tokens.push(token);
  const deep = tooDeepAt(tokens);
  return deep === undefined ? tokens : tooDeep(deep);
}

/** Lexemes by which the lexer tells the parser what follows; they are not in the text. */
const MARKERS = new Set(['\u{2}', '\u{18}', '\u{1f}']);

const tooDeep = (offset: number): PlacedFault => ({
  code: 'tooDeep',
  start: offset,
  end: offset + 1,
  message: `values are nested more than ${DEEPEST} deep`,
});

/** The offset of the first value that lies too deep to be read by recursion. */
function tooDeepAt(tokens: readonly CST.Token[]): number | undefined {
  const stack = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { token, depth } = next;
    if (depth > DEEPEST) return 'offset' in token ? token.offset : 0;
    if (token.type === 'document' && token.value) stack.push({ token: token.value, depth });
    if (!CST.isCollection(token)) continue;
    for (const item of token.items) {
      if (item.key) stack.push({ token: item.key, depth: depth + 1 });
      if (item.value) stack.push({ token: item.value, depth: depth + 1 });
    }
  }
  return undefined;
}
