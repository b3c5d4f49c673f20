import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createProtocolConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-languageserver/node';

export type Server = {
  readonly name: string;
  readonly module: string;
  /** What Node is told besides, as its extension does. */
  readonly flags?: readonly string[];
  /** How long it waits for a pause of typing: timers of this length are none. */
  readonly debounceMs?: number;
  /** JSON schema for its specs. */
  readonly schema?: string;
};

/** An editor that types and asks, and takes the time. */
export type Editor = {
  open(name: string, text: string): Promise<void>;
  close(name: string): Promise<void>;
  /** Types one word in place of the other and back; milliseconds from each change to the problems that come of it. */
  type(name: string, word: string, other: string, keys: number): Promise<number[]>;
  /** Types one sound word in place of another, as often as it is told; milliseconds to the problems of each version. Of a server that names versions. */
  retype(name: string, words: readonly string[]): Promise<number[]>;
  /** Asks for completions behind a word; milliseconds to each answer. */
  complete(name: string, behind: string, times: number): Promise<number[]>;
  memoryMb(): number;
  /** Processor time that the server has used, in steps of 10. */
  cpuMs(): number;
  end(): Promise<void>;
};

export async function openEditor(server: Server, folder: string): Promise<Editor> {
  const hurry =
    server.debounceMs && `const wait=setTimeout;globalThis.setTimeout=(act,ms,...rest)=>wait(act,ms===${server.debounceMs}?0:ms,...rest)`;
  const child = fork(server.module, ['--node-ipc', `--clientProcessId=${process.pid}`], {
    execArgv: [...(server.flags ?? []), ...(hurry ? ['--import', `data:text/javascript,${encodeURIComponent(hurry)}`] : [])],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const connection = createProtocolConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
  const waiting = new Map<string, (errors: number, version?: number) => void>();
  const uriOf = (name: string) => pathToFileURL(join(folder, `${name}.sparse.yaml`)).href;
  const texts = new Map<string, { text: string; version: number }>();
  connection.onNotification(
    'textDocument/publishDiagnostics',
    ({ uri, version, diagnostics }: { uri: string; version?: number; diagnostics: { severity?: number }[] }) =>
      waiting.get(uri)?.(diagnostics.filter(({ severity }) => (severity ?? 1) === 1).length, version),
  );
  const settings = {
    schemas: server.schema ? { [pathToFileURL(server.schema).href]: '*.sparse.yaml' } : {},
    schemaStore: { enable: false },
  };
  connection.onRequest('workspace/configuration', ({ items }: { items: { section: string }[] }) =>
    items.map(({ section }) => (section === 'yaml' ? { validate: true, completion: true, hover: true, ...settings } : {})),
  );
  connection.onRequest('client/registerCapability', () => null);
  connection.listen();
  const capabilities = {
    workspace: { configuration: true },
    textDocument: { publishDiagnostics: {}, completion: { completionItem: { snippetSupport: true } } },
  };
  const root = pathToFileURL(folder).href;
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: root,
    capabilities,
    workspaceFolders: [{ uri: root, name: 'bench' }],
  });
  await connection.sendNotification('initialized', {});

  /** The next problems of a document, errors counted, once there are as many as are looked for. */
  const problems = (name: string, wanted: (errors: number, version?: number) => boolean) =>
    new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${server.name} did not tell the problems of ${name}`)), 20_000);
      waiting.set(uriOf(name), (errors, version) => {
        if (!wanted(errors, version)) return;
        clearTimeout(timer);
        waiting.delete(uriOf(name));
        resolve(errors);
      });
    });

  const change = (name: string, from: string, to: string) => {
    const { text, version } = texts.get(name)!;
    const offset = text.indexOf(from);
    const line = text.slice(0, offset).split('\n').length - 1;
    const character = offset - text.lastIndexOf('\n', offset - 1) - 1;
    const range = { start: { line, character }, end: { line, character: character + from.length } };
    texts.set(name, { text: text.replace(from, to), version: version + 1 });
    return connection.sendNotification('textDocument/didChange', {
      textDocument: { uri: uriOf(name), version: version + 1 },
      contentChanges: [{ range, text: to }],
    });
  };

  return {
    async open(name, text) {
      texts.set(name, { text, version: 1 });
      const told = problems(name, () => true);
      await connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri: uriOf(name), languageId: 'yaml', version: 1, text },
      });
      await told;
      // What is found on disk, and what schemas hold, comes later.
      await new Promise((resolve) => setTimeout(resolve, 1500));
    },
    async close(name) {
      await connection.sendNotification('textDocument/didClose', { textDocument: { uri: uriOf(name) } });
    },
    async type(name, word, other, keys) {
      const times: number[] = [];
      let errors: number | undefined;
      for (let key = 0; key < keys * 2; key++) {
        const [from, to] = key % 2 === 0 ? [word, other] : [other, word];
        const before = errors;
        const told = problems(name, (count) => before === undefined || count !== before);
        const begun = performance.now();
        await change(name, from, to);
        errors = await told;
        times.push(performance.now() - begun);
      }
      return times;
    },
    async retype(name, words) {
      const times: number[] = [];
      for (const [place, to] of words.slice(1).entries()) {
        const wanted = texts.get(name)!.version + 1;
        const told = problems(name, (_errors, version) => version === wanted);
        const begun = performance.now();
        await change(name, words[place], to);
        await told;
        times.push(performance.now() - begun);
      }
      return times;
    },
    async complete(name, behind, count) {
      const { text } = texts.get(name)!;
      const offset = text.indexOf(behind) + behind.length;
      const line = text.slice(0, offset).split('\n').length - 1;
      const position = { line, character: offset - text.lastIndexOf('\n', offset - 1) - 1 };
      const times: number[] = [];
      for (let each = 0; each < count; each++) {
        const begun = performance.now();
        const found = await connection.sendRequest<{ items?: unknown[] } | unknown[]>('textDocument/completion', {
          textDocument: { uri: uriOf(name) },
          position,
        });
        times.push(performance.now() - begun);
        if ((Array.isArray(found) ? found : (found.items ?? [])).length === 0) throw new Error(`${server.name} offered nothing`);
      }
      return times;
    },
    memoryMb: () => residentMb(child.pid!),
    cpuMs() {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      return 10 * (Number(fields[11]) + Number(fields[12]));
    },
    async end() {
      await connection.sendRequest('shutdown');
      const ended = new Promise((resolve) => child.on('exit', resolve));
      await connection.sendNotification('exit');
      await ended;
      connection.dispose();
    },
  };
}

/** What a Node takes that only waits for messages. */
export async function bareNodeMb(): Promise<number> {
  const child = fork('data:text/javascript,', { execArgv: ['--eval', "process.on('message', () => process.exit()); process.send(0)"] });
  await new Promise((resolve) => child.once('message', resolve));
  const megabytes = residentMb(child.pid!);
  child.send(0);
  return megabytes;
}

function residentMb(pid: number): number {
  const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(resident ?? Number.NaN) / 1024);
}
