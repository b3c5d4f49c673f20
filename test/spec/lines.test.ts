import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { lineEnd, linesOf, offsetAt, positionAt } from '../../server/spec/lines.ts';

const text = fc.array(fc.constantFrom('a', 'é', '😀', '\n', '\r', '\r\n', ' '), { maxLength: 40 }).map((parts) => parts.join(''));

test('positions are those of the Language Server Protocol', () => {
  fc.assert(
    fc.property(text, fc.nat(60), (written, offset) => {
      const lines = linesOf(written);
      const oracle = TextDocument.create('a', 'b', 0, written);
      assert.equal(lines.starts.length, oracle.lineCount);
      assert.deepEqual(positionAt(lines, offset), oracle.positionAt(offset));
    }),
  );
});

test('a position leads back to its offset', () => {
  fc.assert(
    fc.property(text, fc.nat(50), fc.nat(50), (written, line, character) => {
      const lines = linesOf(written);
      const oracle = TextDocument.create('a', 'b', 0, written);
      if (line < lines.starts.length) assert.equal(offsetAt(lines, { line, character }), oracle.offsetAt({ line, character }));
      const offset = offsetAt(lines, { line, character });
      assert.equal(offsetAt(lines, positionAt(lines, offset)), offset);
      assert.ok(offset <= lineEnd(lines, Math.min(line, lines.starts.length - 1)));
    }),
  );
});
