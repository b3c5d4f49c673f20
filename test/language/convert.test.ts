import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiagnosticTag } from 'vscode-languageserver/node';
import { toDiagnostic } from '../../server/language/convert.ts';
import { diagnose } from '../../server/spec/features/diagnostics.ts';
import { examine } from '../../server/spec/features/examine.ts';
import { example } from '../spec/example.ts';

test('a former name of a key is shown as deprecated', () => {
  const tagsOf = (text: string) => diagnose(examine(text)).map((problem) => toDiagnostic(problem).tags ?? []);
  assert.deepEqual(tagsOf(example.replace('epochs: 6', 'batchSize: 6')), [[DiagnosticTag.Deprecated]]);
  assert.deepEqual(tagsOf(example.replace('epochs: 6', 'epoch: 6')), [[]]);
});
