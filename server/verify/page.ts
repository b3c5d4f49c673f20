import type { Comparison } from './compare.ts';
import type { Check, Proof } from './proof.ts';

/** What was predicted when the C was written, bytes and cycles; what is absent was not. */
export type Prediction = {
  readonly name: string;
  readonly chip: string;
  readonly ramBytes: number;
  readonly stateBytes?: number;
  readonly stackBytes?: number;
  readonly flashBytes: number;
  readonly cycles?: number;
  /** Of the search, 0..1. */
  readonly testAccuracy?: number;
};

/** A proof as a page of HTML that needs nothing else. `notes` say what the figures do not cover. */
export function page(proof: Proof, predicted: Prediction, notes: readonly string[] = [], clockHz?: number): string {
  const verdict = proof.passed ? 'Proven: every answer is the same' : 'Not proven';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${text(predicted.name)} on ${text(predicted.chip)}: ${verdict.toLowerCase()}</title>
<style>${STYLE}</style>
<h1>${text(predicted.name)} on ${text(predicted.chip)}</h1>
<p class="${proof.passed ? 'good' : 'bad'}" role="status">${verdict}.</p>
${notes.map((note) => `<p>${text(note)}</p>`).join('\n')}
${proof.checks.map((check) => section(check, predicted, clockHz)).join('\n')}
</html>
`;
}

function section(check: Check, predicted: Prediction, clockHz?: number): string {
  const { where, skipped, failed, sanitized } = check;
  const head = `<h2>${text(where.charAt(0).toUpperCase() + where.slice(1))}</h2>`;
  if (skipped !== undefined) return `${head}\n<p>Skipped: ${text(skipped)}.</p>`;
  if (failed !== undefined) return `${head}\n<p class="bad">Failed.</p>\n<pre>${text(failed.trimEnd())}</pre>`;
  const safe = sanitized ? `<p>${sanitized} of the random inputs under sanitizers: no access out of bounds, nothing undefined.</p>` : '';
  return [head, answers(check, predicted), safe, costs(check, predicted, clockHz)].filter(Boolean).join('\n');
}

function answers({ test, random }: Check, { testAccuracy }: Prediction): string {
  const row = (what: string, each: Comparison | undefined, told?: number) => {
    if (!each) return '';
    const same = each.different === 0 ? 'all equal' : `<b class="bad">${count(each.different)} differ</b>${divergence(each)}`;
    const accuracy = each.accuracy === undefined ? '' : `${percent(each.accuracy)}${told === undefined ? '' : `, ${percent(told)} told`}`;
    return `<tr><th scope="row">${what}<td>${count(each.samples)}<td>${same}<td>${accuracy}`;
  };
  const rows = [row('Test inputs', test, testAccuracy), row('Random inputs', random)].join('');
  return `<table><thead><tr><th scope="col">Inputs<th scope="col">Number<th scope="col">Answers<th scope="col">Accuracy<tbody>${rows}</table>`;
}

function divergence({ first }: Comparison): string {
  if (!first) return '';
  const { layer, y, x, channel, expected, actual, sample } = first;
  return `, first in <b>${text(layer)}</b>: row ${y}, column ${x}, channel ${channel} is ${actual}, should be ${expected} (input ${sample + 1})`;
}

function costs({ chip }: Check, predicted: Prediction, clockHz?: number): string {
  if (!chip) return '';
  const row = (what: string, measured: number | undefined, told?: number, limit = false) => {
    if (measured === undefined) return '';
    const over = limit && told !== undefined && measured > told ? ' class="bad"' : '';
    const off = told === undefined ? '' : `${measured > told ? '+' : ''}${count(measured - told)}`;
    return `<tr><th scope="row">${what}<td>${told === undefined ? '' : count(told)}<td${over}>${count(measured)}<td>${off}`;
  };
  const own = chip.mcu === predicted.chip;
  const rows = [
    row('RAM, bytes', chip.ramBytes, predicted.ramBytes, true),
    row('of that static', chip.staticBytes, predicted.stateBytes),
    row('of that stack', chip.stackBytes, predicted.stackBytes),
    row('Flash, bytes', chip.flashBytes, predicted.flashBytes),
    row('Cycles of an inference', chip.cycles, own ? predicted.cycles : undefined),
    row('Instructions of an inference', chip.instructions),
  ].join('');
  const milliseconds =
    chip.cycles && clockHz && own ? `<p>${((chip.cycles * 1000) / clockHz).toFixed(1)} ms at ${clockHz / 1e6} MHz.</p>` : '';
  const head = '<thead><tr><th scope="col">Cost<th scope="col">Predicted<th scope="col">Measured<th scope="col">Off by';
  return `<table>${head}<tbody>${rows}</table>\n${milliseconds}`;
}

const text = (value: string): string =>
  value.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`).replace(/[\p{Cc}]/gu, (letter) => (letter === '\n' ? letter : ' '));

const count = (value: number): string => Math.round(value).toLocaleString('en-US');
const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem; text-align: right; border-bottom: 1px solid #8884; font-weight: normal; }
th[scope=row], thead th:first-child { text-align: left; padding-left: 0; }
thead th { font-weight: 600; }
pre { overflow-x: auto; padding: 1rem; border: 1px solid #8888; }
.good, .bad { font-weight: 600; }
.good { color: light-dark(#176f2c, #56d364); }
.bad { color: light-dark(#b3261e, #ff7b72); }
`;
