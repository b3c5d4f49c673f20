import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { test } from 'node:test';

/** Who may import whom, as ARCHITECTURE.md draws it. A room may always import itself. */
const MAY_IMPORT: { readonly [room: string]: readonly string[] } = {
  random: [],
  protocol: [],
  device: [],
  network: [],
  dataset: ['network', 'random'],
  spec: ['device', 'network', 'dataset'],
  quantize: ['network', 'dataset'],
  machine: ['network', 'quantize'],
  avr: ['network', 'quantize', 'machine'],
  thumb: ['network', 'quantize', 'machine'],
  plan: ['network', 'device', 'quantize', 'machine', 'avr', 'thumb'],
  training: ['network', 'dataset', 'quantize', 'random'],
  search: ['network', 'random'],
  codegen: ['network', 'quantize', 'plan', 'machine', 'avr', 'thumb'],
  verify: ['network', 'dataset', 'quantize', 'machine', 'avr', 'thumb', 'codegen', 'random'],
  firmware: ['codegen', 'device', 'verify'],
  run: ['random', 'device', 'network', 'dataset', 'spec', 'quantize', 'plan', 'training', 'search', 'codegen'],
  language: ['random', 'device', 'network', 'dataset', 'spec', 'search', 'plan', 'run', 'firmware', 'protocol'],
  cli: [
    'language',
    'device',
    'network',
    'dataset',
    'spec',
    'quantize',
    'training',
    'search',
    'codegen',
    'run',
    'firmware',
    'verify',
    'plan',
    'language',
  ],
  extension: ['protocol'],
  webview: ['protocol'],
};

/** Packages that a room may use beside Node's own modules; rooms that are not named use none. */
const MAY_USE: { readonly [room: string]: readonly string[] } = {
  network: ['zod'],
  dataset: ['fflate', 'fast-png'],
  spec: ['zod', 'yaml'],
  quantize: ['zod'],
  training: ['@tensorflow/tfjs-core'],
  search: ['ml-matrix'],
  run: ['zod'],
  firmware: ['zod'],
  verify: ['avr8js', 'rp2040js'],
  language: ['vscode-languageserver', 'vscode-languageserver-textdocument'],
  cli: ['language', 'zod'],
  extension: ['vscode', 'vscode-languageclient'],
  webview: ['preact', 'd3-scale', 'd3-shape'],
};

const roomOf = (path: string): string => {
  const [top, second] = path.split(sep);
  return top === 'server' ? second.replace(/\.ts$/, '') : top;
};

/** Every import of the sources: [file, what it names]. Type imports count: they bind as well. */
function* imports(): Generator<[file: string, target: string]> {
  for (const file of globSync('{server,extension,webview}/**/*.{ts,tsx}', { exclude: ['server/training/kernels/**'] })) {
    for (const [, target] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\s(?:[^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm))
      yield [file, target];
  }
}

test('rooms import only the rooms below them', () => {
  let seen = 0;
  for (const [file, target] of imports()) {
    if (!target.startsWith('.')) continue;
    const from = roomOf(file);
    const to = roomOf(normalize(join(dirname(file), target)));
    assert.ok(from in MAY_IMPORT, `${file} lies in a room that the table does not know`);
    assert.ok(from === to || MAY_IMPORT[from].includes(to), `${file} imports ${target}: ${from} may not import ${to}`);
    seen++;
  }
  assert.ok(seen > 300, `only ${seen} imports were found`);
});

test('rooms use only their own packages', () => {
  for (const [file, target] of imports()) {
    if (target.startsWith('.') || target.startsWith('node:')) continue;
    const name = target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : target.split('/')[0];
    assert.ok((MAY_USE[roomOf(file)] ?? []).includes(name), `${file} uses ${name}`);
  }
});

test('no room imports in a circle', () => {
  const visit = (room: string, path: readonly string[]): void => {
    assert.ok(!path.includes(room), `${[...path, room].join(' -> ')}`);
    for (const below of MAY_IMPORT[room]) visit(below, [...path, room]);
  };
  for (const room of Object.keys(MAY_IMPORT)) visit(room, []);
});

test('every word of the version is the same', async () => {
  const { VERSION } = await import('../server/cli/version.ts');
  assert.equal(VERSION, JSON.parse(readFileSync('package.json', 'utf8')).version);
});
