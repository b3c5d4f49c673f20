#!/usr/bin/env node
/**
 * Takes a desktop VS Code's place on its command line: `VSCODE_EXECUTABLE=test/editor/harness/code.ts npm run test:editor -- suite` runs the
 * suite through @vscode/test-electron where there is no desktop, the workbench being shown in a browser.
 */
import { runInBrowser } from './web.ts';

const option = (name: string): string => {
  const start = `--${name}=`;
  const given = process.argv.find((argument) => argument.startsWith(start));
  if (!given) throw new Error(`${start} is missing`);
  return given.slice(start.length);
};

const folder = process.argv.slice(2).find((argument) => !argument.startsWith('-'));
if (!folder) throw new Error('no folder is named');
const { SPARSE_TEST_RESULT = '' } = process.env;
process.exitCode = await runInBrowser(option('extensionTestsPath'), folder, { SPARSE_TEST_RESULT });
