import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ExtensionContext, ProgressLocation, Uri, window, workspace } from 'vscode';
import type { RunSummary } from '../server/protocol.ts';
import { runSparse } from './sparse.ts';
import { bytes } from './words.ts';

/** As `sparse verify --json` prints it. */
type Proof = { readonly passed: boolean; readonly checks: readonly Check[] };
type Check = {
  readonly where: string;
  readonly skipped?: string;
  readonly failed?: string;
  readonly test?: Comparison;
  readonly random?: Comparison;
  readonly chip?: { readonly ramBytes: number };
};
type Comparison = { readonly samples: number; readonly different: number };

/** Runs the written C, and says on what it gave the answers of the search, and on what it could not be tried. */
export async function proveFirmware(context: ExtensionContext, run: RunSummary, folder: string): Promise<void> {
  const title = `Comparing the C with the network of ${run.name}`;
  const { json, err } = await window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, (_, stop) =>
    runSparse(context, ['verify', folder, '--json'], stop),
  );
  const proof = json as Proof | undefined;
  const header = readdirSync(folder).find((name) => name.endsWith('.h'));
  const use = header ? ` Include "${header}"; it says what to call.` : '';
  const say = proof?.passed ? window.showInformationMessage : window.showWarningMessage;
  const choice = await say(
    `The C is in ${workspace.asRelativePath(folder)}. ${verdict(proof, err)}${use}`,
    ...(header ? [`Open ${header}`] : []),
  );
  if (choice && header) await window.showTextDocument(await workspace.openTextDocument(Uri.file(join(folder, header))));
}

function verdict(proof: Proof | undefined, err: string): string {
  if (!proof) return `It was not compared: ${err.split('\n').at(-1)}.`;
  const tried = proof.checks.filter(({ skipped }) => skipped === undefined).map(describe);
  const skipped = proof.checks
    .filter((check) => check.skipped !== undefined)
    .map(({ where, skipped }) => `Not tried on the ${where}: ${skipped}.`);
  if (tried.length === 0) tried.push('The interpreter of its integer arithmetic was measured, the C itself not.');
  return [...tried, ...skipped].join(' ');
}

function describe({ where, failed, test, random, chip }: Check): string {
  const place = where === 'this machine' ? where : `the ${where}`;
  if (failed) return `On ${place} it FAILED: ${failed.split('\n')[0].slice(0, 200)}.`;
  const compared = [test, random].filter((each) => each !== undefined);
  const samples = compared.reduce((sum, each) => sum + each.samples, 0);
  const different = compared.reduce((sum, each) => sum + each.different, 0);
  const answers = different === 0 ? `all ${samples} answers equal` : `${different} of ${samples} ANSWERS DIFFER`;
  const ram = chip ? `, ${bytes(chip.ramBytes)} of RAM` : '';
  return `On ${place}: ${answers}${ram}.`;
}
