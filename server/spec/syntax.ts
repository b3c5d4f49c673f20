import type { ErrorCode, YAMLError } from 'yaml';
import type { ProblemCode } from './problem.ts';

/** A fault with its place in the text, in offsets. */
export type PlacedFault = {
  readonly code: ProblemCode;
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly hint?: string;
  /** What could stand in its place. */
  readonly instead?: string;
};

/** An error of the YAML parser in the words of this language. `by` is where the text that it read stands in the whole. */
export function syntaxFault(error: YAMLError, by: number, text: string): PlacedFault {
  const [start, end] = [error.pos[0] + by, error.pos[1] + by];
  const line = /^[^\r\n]*/.exec(text.slice(start, end))![0].trimEnd();
  const place = { start: Math.min(start, text.length), end: Math.min(Math.max(start + line.length, wordEnd(text, start)), text.length) };
  if (error.code === 'TAG_RESOLVE_FAILED' || error.code === 'BAD_COLLECTION_TYPE' || error.code === 'MULTIPLE_TAGS')
    return { code: 'tag', ...place, message: 'tags are not part of the language; leave it out' };
  if (error.code === 'BAD_ALIAS' || error.code === 'ALIAS_PROPS' || error.code === 'MULTIPLE_ANCHORS')
    return { code: 'alias', ...place, message: 'anchors and aliases are not part of the language; write the value out' };
  if (error.code === 'TAB_AS_INDENT')
    return { code: 'syntax', ...place, message: messages.TAB_AS_INDENT!, instead: '  '.repeat(Math.max(1, place.end - place.start)) };
  return { code: 'syntax', ...place, message: unclosed(error) ?? missing(error) ?? messages[error.code] ?? plain(error.message) };
}

export const STRAY_WORD = 'a key and its ":" stand on one line; is a ":" missing?';

const messages: { readonly [code in ErrorCode]?: string } = {
  BAD_DIRECTIVE: 'a line that begins with % is not part of the language',
  BAD_DQ_ESCAPE: 'no such escape after a backslash; in single quotes a backslash is only itself',
  BAD_INDENT: 'the indentation does not fit the lines above; lines of one list or mapping begin in one column',
  BAD_SCALAR_START: 'text may not begin with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second ":" on this line; put what follows on lines of its own, or text with a colon in quotes',
  BLOCK_IN_FLOW: 'inside [ ] or { } this is out of place; is a "," or a closing bracket missing?',
  IMPOSSIBLE: 'this cannot be read here',
  KEY_OVER_1024_CHARS: 'a key may not be this long',
  MULTILINE_IMPLICIT_KEY: STRAY_WORD,
  NON_STRING_KEY: 'a key is a plain word',
  RESOURCE_EXHAUSTION: 'values are nested too deep',
  TAB_AS_INDENT: 'a tab may not indent a line; use spaces',
  UNEXPECTED_TOKEN: 'this does not belong here',
};

/** The end of the word at an offset, at least one character on. */
const wordEnd = (text: string, start: number): number => start + Math.max(1, /^\w*/.exec(text.slice(start, start + 40))![0].length);

export const UNCLOSED_QUOTE = 'a quote is not closed';
export const unclosedBracket = (bracket: '[' | '{'): string => `a "${bracket}" is not closed`;

/** What is left open is noticed later; who knows the tree finds where it opens. */
function unclosed({ message }: YAMLError): string | undefined {
  if (/Missing closing ["']quote/.test(message)) return UNCLOSED_QUOTE;
  const bracket = /end with a ([\]}])/.exec(message)?.[1];
  return bracket && unclosedBracket(bracket === ']' ? '[' : '{');
}

/** Most of what is missing is one character, and the parser's own words name it. */
function missing(error: YAMLError): string | undefined {
  if (error.code !== 'MISSING_CHAR') return undefined;
  const text = error.message;
  if (/Comments must/.test(text)) return 'a comment needs a space before its #';
  if (/Implicit map keys|Missing space after :/.test(text)) return 'a key needs a ":" and a space behind it';
  if (/without - indicator/.test(text)) return 'an item of a list begins with "- "';
  if (/, between|, or :/.test(text)) return 'a "," is missing between two items';
  return undefined;
}

const plain = (message: string): string => message.slice(0, 200);
