import { commands, window, workspace } from 'vscode';

/** True in a trusted workspace; otherwise says what needs trust and offers to give it. */
export async function trusted(what: string): Promise<boolean> {
  if (workspace.isTrusted) return true;
  const choice = await window.showWarningMessage(
    `${what} reads data and writes files that the spec names. It needs a workspace that you trust.`,
    'Manage Workspace Trust',
  );
  if (choice) await commands.executeCommand('workbench.trust.manage');
  return workspace.isTrusted;
}
