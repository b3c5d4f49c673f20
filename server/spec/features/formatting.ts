import { isDeepStrictEqual } from 'node:util';
import { parseDocument } from 'yaml';
import type { Edit } from '../problem.ts';
import { readSource, type Source } from '../source.ts';
import { replace } from './edits.ts';

/**
 * Two spaces per level, one between words, no space at the ends of lines; comments stay, and so do the breaks of lines and the choice between blocks and brackets.
 * Nothing is done to a text with an error in it, nor where the outcome would say anything else.
 */
export function format(source: Source): Edit[] {
  const { text } = source.lines;
  if (source.value === undefined || source.value === null || source.faults.length > 0) return [];
  const eol = /\r\n|\n/.exec(text)?.[0] ?? '\n';
  const bom = text.startsWith('\ufeff') ? '\ufeff' : '';
  const body = formatted(text.slice(bom.length).replaceAll('\r\n', '\n'));
  if (body === undefined) return [];
  const written = bom + body.replaceAll('\n', eol);
  const again = readSource(written);
  if (!isDeepStrictEqual(again.value, source.value) || again.faults.length > 0) return [];
  if (comments(again).join('\n') !== comments(source).join('\n')) return [];
  return written === text ? [] : [narrowest(source, written)];
}

/** Undefined where the YAML library finds an error: it has its own mind of single carriage returns. */
function formatted(text: string): string | undefined {
  const document = parseDocument(text, { version: '1.2', schema: 'core', merge: false, uniqueKeys: false });
  if (document.errors.length > 0) return undefined;
  return document
    .toString({ lineWidth: 0, indent: 2, indentSeq: true, flowCollectionPadding: true, nullStr: '' })
    .replaceAll(/[ \t]+$/gm, '')
    .replaceAll(/\[ (.*?) \]/g, '[$1]');
}

/** The words of the comments, in order. */
const comments = ({ lines }: Source): string[] =>
  lines.text
    .split(/\r\n|\n|\r/)
    .flatMap((line) => /(?:^|\s)#(.*)$/.exec(line)?.[1].trim() ?? [])
    .filter((comment) => comment !== '');

/** The one stretch that differs. */
function narrowest(source: Source, written: string): Edit {
  const { text } = source.lines;
  let head = 0;
  while (head < text.length && head < written.length && text[head] === written[head]) head++;
  let tail = 0;
  while (tail < text.length - head && tail < written.length - head && text.at(-1 - tail) === written.at(-1 - tail)) tail++;
  // No edit parts a line break or a surrogate pair.
  while (head > 0 && /[\r\ud800-\udbff]/.test(text[head - 1])) head--;
  while (tail > 0 && /[\n\udc00-\udfff]/.test(text[text.length - tail])) tail--;
  return replace(source, head, text.length - tail, written.slice(head, written.length - tail));
}
