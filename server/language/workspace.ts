import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Connection, DocumentDiagnosticReportKind, type WorkspaceDocumentDiagnosticReport } from 'vscode-languageserver/node';
import { diagnose } from '../spec/features/diagnostics.ts';
import { examine } from '../spec/features/examine.ts';
import type { PriceNetwork } from '../spec/features/price.ts';
import { parseSpec } from '../spec/parse.ts';
import { toDiagnostic } from './convert.ts';
import { fileOf, findSpecs, readText, topOf } from './folders.ts';
import { type Looks, lookAtFiles } from './outside.ts';

/** The specs of the workspace that are not open: their problems, but for those of their search spaces. */
export type Workspace = {
  open(uris: readonly string[]): void;
  /** Paths of the folders that are open. */
  folders(): readonly string[];
  /** Publishes the problems of all. */
  check(): Promise<void>;
  /** Publishes the problems of one, none where it is gone. */
  checkOne(uri: string): Promise<void>;
  /** The problems of all, for an editor that asks. */
  reports(): Promise<WorkspaceDocumentDiagnosticReport[]>;
};

export function createWorkspace(
  connection: Connection,
  { price, looks, isOpen, log }: { price: PriceNetwork | undefined; looks: Looks; isOpen(uri: string): boolean; log(fault: unknown): void },
): Workspace {
  let folders: readonly string[] = [];

  async function problemsOf(uri: string) {
    const file = fileOf(uri);
    const text = file === undefined ? undefined : await readText(file);
    if (file === undefined || text === undefined) return [];
    const { data, firmware, project } = await lookAtFiles(looks, dirname(file), topOf(file, folders), parseSpec(text));
    return diagnose(examine(text, { price, data, firmware, project })).map(toDiagnostic);
  }

  async function checkOne(uri: string): Promise<void> {
    try {
      const diagnostics = await problemsOf(uri);
      if (!isOpen(uri)) await connection.sendDiagnostics({ uri, diagnostics });
    } catch (fault) {
      log(fault);
    }
  }

  const closed = async () => (await findSpecs(folders)).map((file) => pathToFileURL(file).href).filter((uri) => !isOpen(uri));

  return {
    open(uris) {
      folders = uris.flatMap((uri) => fileOf(uri) ?? []);
    },
    folders: () => folders,
    checkOne,
    async check() {
      for (const uri of await closed()) await checkOne(uri);
    },
    async reports() {
      const reports: WorkspaceDocumentDiagnosticReport[] = [];
      for (const uri of await closed())
        reports.push({ kind: DocumentDiagnosticReportKind.Full, uri, version: null, items: await problemsOf(uri) });
      return reports;
    },
  };
}
