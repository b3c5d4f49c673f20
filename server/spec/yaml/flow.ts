import type { List, Mapping, Node, Pair, Scalar } from '../node.ts';
import { plainScalar } from './scalar.ts';

/*
 * Values that begin and end on one line. What takes more knowledge of YAML than this (escapes, anchors, tags, text over several lines, anything that
 * is not closed) is odd: it gives undefined, and the YAML library reads it.
 */

const DEEPEST_FLOW = 8;

/** The value from `at` up to the end of a line, where nothing but a comment stands behind it. */
export function inlineValue(text: string, at: number, end: number): Node | undefined {
  const value = bracketed(text, at, end, 1) ?? quoted(text, at, end);
  if (value) return isBare(text, value.end, end) ? value : undefined;
  if (!startsPlain(text, at, end, false)) return undefined;
  const stop = plainEnd(text, at, end, false);
  if (stop < end && text.charCodeAt(stop) === COLON) return undefined;
  return scalar(text, at, trimmed(text, at, stop));
}

/** The key that begins at `at`, and where its colon is. */
export function keyAt(text: string, at: number, end: number): { key: Scalar; colon: number } | undefined {
  let key = quoted(text, at, end);
  if (!key && !startsPlain(text, at, end, false)) return undefined;
  const stop = key ? skipSpaces(text, key.end, end) : plainEnd(text, at, end, false);
  if (text.charCodeAt(stop) !== COLON || stop === end || !isSpaceOrEnd(text, stop + 1, end) || stop - at > LONGEST_KEY) return undefined;
  if (!key) {
    const last = trimmed(text, at, stop);
    key = { kind: 'scalar', start: at, end: last, value: text.slice(at, last) };
  }
  return { key, colon: stop };
}

/** Is there nothing but spaces and a comment? */
export function isBare(text: string, at: number, end: number): boolean {
  const next = skipSpaces(text, at, end);
  return next === end || (text.charCodeAt(next) === HASH && next > at);
}

export function skipSpaces(text: string, at: number, end: number): number {
  let next = at;
  while (next < end && text.charCodeAt(next) === SPACE) next++;
  return next;
}

/** YAML's own bound on keys is 1024. */
const LONGEST_KEY = 1000;

function bracketed(text: string, at: number, end: number, depth: number): List | Mapping | undefined {
  const open = text.charCodeAt(at);
  if ((open !== OPEN_LIST && open !== OPEN_MAP) || depth > DEEPEST_FLOW || at >= end) return undefined;
  const close = open === OPEN_LIST ? CLOSE_LIST : CLOSE_MAP;
  const items: Node[] = [];
  const pairs: Pair[] = [];
  for (let next = skipSpaces(text, at + 1, end); next < end; ) {
    if (text.charCodeAt(next) === close)
      return open === OPEN_LIST
        ? { kind: 'list', start: at, end: next + 1, flow: true, items }
        : { kind: 'map', start: at, end: next + 1, flow: true, pairs };
    let behind: number;
    if (open === OPEN_LIST) {
      const item = flowValue(text, next, end, depth);
      if (!item) return undefined;
      items.push(item);
      behind = item.end;
    } else {
      const pair = flowPair(text, next, end, depth);
      if (!pair) return undefined;
      pairs.push(pair);
      behind = pair.value?.end ?? pair.key.end;
    }
    next = skipSpaces(text, behind, end);
    if (text.charCodeAt(next) === COMMA && next < end) next = skipSpaces(text, next + 1, end);
    else if (text.charCodeAt(next) !== close) return undefined;
  }
  return undefined;
}

function flowPair(text: string, at: number, end: number, depth: number): Pair | undefined {
  const read = flowWord(text, at, end);
  if (!read) return undefined;
  const key: Scalar = { ...read, value: typeof read.value === 'string' ? read.value : text.slice(read.start, read.end) };
  const colon = skipSpaces(text, key.end, end);
  if (text.charCodeAt(colon) !== COLON) return { key, value: null };
  if (!isSpaceOrEnd(text, colon + 1, end) || colon - at > LONGEST_KEY) return undefined;
  const next = skipSpaces(text, colon + 1, end);
  if (next >= end) return undefined;
  const code = text.charCodeAt(next);
  const value = code === COMMA || code === CLOSE_MAP ? nothing(next) : flowValue(text, next, end, depth);
  return value && { key, value };
}

/** A value inside brackets. */
function flowValue(text: string, at: number, end: number, depth: number): Node | undefined {
  const value = bracketed(text, at, end, depth + 1) ?? flowWord(text, at, end);
  // A colon behind it would make it a key.
  return value && text.charCodeAt(skipSpaces(text, value.end, end)) !== COLON ? value : undefined;
}

function flowWord(text: string, at: number, end: number): Scalar | undefined {
  const value = quoted(text, at, end);
  if (value) return value;
  if (!startsPlain(text, at, end, true)) return undefined;
  const stop = plainEnd(text, at, end, true);
  return scalar(text, at, trimmed(text, at, stop));
}

/** Text in quotes, without an escape in it. */
function quoted(text: string, at: number, end: number): Scalar | undefined {
  const quote = text.charCodeAt(at);
  if ((quote !== DOUBLE && quote !== SINGLE) || at >= end) return undefined;
  for (let next = at + 1; next < end; next++) {
    const code = text.charCodeAt(next);
    if (code === BACKSLASH && quote === DOUBLE) return undefined;
    if (code !== quote) continue;
    if (text.charCodeAt(next + 1) === quote) return undefined;
    return { kind: 'scalar', start: at, end: next + 1, value: text.slice(at + 1, next) };
  }
  return undefined;
}

/** A value that is left out. */
export const nothing = (at: number): Scalar => ({ kind: 'scalar', start: at, end: at, value: null });

const scalar = (text: string, start: number, end: number): Scalar => ({
  kind: 'scalar',
  start,
  end,
  value: plainScalar(text.slice(start, end)),
});

/** May a word without quotes begin here? */
function startsPlain(text: string, at: number, end: number, flow: boolean): boolean {
  if (at >= end) return false;
  const code = text.charCodeAt(at);
  if (code === DASH) return !isSpaceOrEnd(text, at + 1, end) && !(flow && FLOW_INDICATORS.has(text.charCodeAt(at + 1)));
  return !INDICATORS.has(code);
}

/** Where a word without quotes ends: at a colon that makes it a key, at a comment, at a bracket or comma inside brackets; spaces before that included. */
function plainEnd(text: string, at: number, end: number, flow: boolean): number {
  for (let next = at; next < end; next++) {
    const code = text.charCodeAt(next);
    if (code === COLON && (isSpaceOrEnd(text, next + 1, end) || (flow && FLOW_INDICATORS.has(text.charCodeAt(next + 1))))) return next;
    if (code === HASH && next > at && text.charCodeAt(next - 1) === SPACE) return next;
    if (flow && FLOW_INDICATORS.has(code)) return next;
  }
  return end;
}

function trimmed(text: string, start: number, end: number): number {
  let last = end;
  while (last > start && text.charCodeAt(last - 1) === SPACE) last--;
  return last;
}

const isSpaceOrEnd = (text: string, at: number, end: number): boolean => at >= end || text.charCodeAt(at) === SPACE;

const codes = (characters: string): Set<number> => new Set([...characters].map((character) => character.charCodeAt(0)));

const [SPACE, COLON, HASH, DASH, COMMA, DOUBLE, SINGLE, BACKSLASH] = [...codes(' :#-,"\'\\')];
const [OPEN_LIST, CLOSE_LIST, OPEN_MAP, CLOSE_MAP] = [...codes('[]{}')];
const FLOW_INDICATORS = codes(',[]{}');
/** No plain word begins with these; some may, where more is known than what stands here. */
const INDICATORS = codes('?:,[]{}#&*!|>\'"%@`');
