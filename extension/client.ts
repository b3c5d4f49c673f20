import { type ExtensionContext, window } from 'vscode';
import { LanguageClient, type LanguageClientOptions, TransportKind } from 'vscode-languageclient/node';
import type { FromServer, Requests, ToServer } from '../server/protocol.ts';
import { SERVER_FLAGS } from './flags.ts';

/** The language server, with the messages of the protocol typed. */
export type Client = {
  request<Method extends keyof Requests>(method: Method, params: Requests[Method]['params']): Promise<Requests[Method]['result']>;
  notify<Method extends keyof ToServer>(method: Method, params: ToServer[Method]): void;
  on<Method extends keyof FromServer>(method: Method, take: (params: FromServer[Method]) => void): { dispose(): void };
};

const selector = [{ language: 'sparse-spec' }];

/** Starts the language server in a process of its own; it ends with the extension. What is sent before it is up waits for it. */
export function startClient(context: ExtensionContext): Client {
  const module = context.asAbsolutePath('dist/server.js');
  const options: LanguageClientOptions = { documentSelector: selector, diagnosticCollectionName: 'sparse' };
  const client = new LanguageClient(
    'sparse',
    'SpArSe',
    { module, transport: TransportKind.ipc, options: { execArgv: SERVER_FLAGS } },
    options,
  );
  context.subscriptions.push({ dispose: () => void client.dispose() });
  const started = client.start();
  started.catch((error: Error) => void window.showErrorMessage(`The SpArSe language server did not start: ${error.message}`));
  return {
    request: (method, params) => started.then(() => client.sendRequest(method, params)),
    notify: (method, params) => void started.then(() => client.sendNotification(method, params)).catch(() => {}),
    on: (method, take) => client.onNotification(method, take),
  };
}
