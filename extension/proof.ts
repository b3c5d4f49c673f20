import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ExtensionContext, ProgressLocation, Uri, window, workspace } from 'vscode';
import type { RunSummary } from '../server/protocol.ts';
import { runSparse } from './sparse.ts';

/** Runs the written C and says whether it gives the answers of the search, and on what that was tried. */
export async function proveFirmware(context: ExtensionContext, run: RunSummary, folder: string): Promise<void> {
  const title = `Comparing the C with the network of ${run.name}`;
  const { code, out, err } = await window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, (_, stop) =>
    runSparse(context, ['verify', folder], stop),
  );
  const verdict = (code === 0 ? out : err || out).trim().split('\n').at(-1) ?? '';
  const header = readdirSync(folder).find((name) => name.endsWith('.h'));
  const say = code === 0 ? window.showInformationMessage : window.showErrorMessage;
  const include = header ? ` Include "${header}"; its first lines say what to call.` : '';
  const choice = await say(
    `${code === 0 ? 'The C is written.' : 'The C is written but not proven.'} ${verdict}${include}`,
    ...(header ? [`Open ${header}`] : []),
  );
  if (choice && header) await window.showTextDocument(await workspace.openTextDocument(Uri.file(join(folder, header))));
}
