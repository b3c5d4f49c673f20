/** What crosses the borders between the editor, the language server and the Budget view. Types only. */

/** `interrupted`: its process is gone without a last word, and it can be resumed. */
export type RunStatus = 'running' | 'finished' | 'cancelled' | 'interrupted' | 'failed';

/** A run as lists show it. Times are milliseconds, instants since 1970. */
export type RunSummary = {
  /** Absolute path of `.sparse/runs/NAME-TIME`: the run's identity. */
  readonly folder: string;
  /** Absolute path of the spec. */
  readonly spec: string;
  /** The spec's `name`. */
  readonly name: string;
  readonly status: RunStatus;
  readonly startedAt: number;
  readonly elapsedMs: number;
  readonly leftMs?: number;
  /** Of the process that searches, while it runs. */
  readonly pid?: number;
  readonly trials: number;
  readonly feasible: number;
  /** On the validation split, 0..1: the best accuracy within the budget, and that candidate's RAM. */
  readonly bestAccuracy?: number;
  readonly bestRamBytes?: number;
  /** Why it failed. */
  readonly error?: string;
};

export type Budget = { readonly ramBytes: number; readonly flashBytes: number };

/** One candidate that the search looked at; `error` is absent where it was refused before training. */
export type TrialPoint = {
  readonly id: string;
  /** 1 - validation accuracy of the int8 network. */
  readonly error?: number;
  readonly ramBytes: number;
  readonly flashBytes: number;
  readonly feasible: boolean;
  readonly onFront: boolean;
};

/** Bytes of the state, counted from its start: what a layer writes, what it reads, and what waits for another. */
export type Block = { readonly offset: number; readonly bytes: number; readonly role: 'output' | 'input' | 'other' };

/** One stage of a candidate's plan. */
export type LayerRow = {
  readonly layer: string;
  readonly op: string;
  readonly shape: string;
  /** How it is executed: row-streamed, whole, in place. */
  readonly form: string;
  /** RAM that it adds: its output's buffer and running sums. */
  readonly bufferBytes: number;
  /** State in use while it runs, and where it lies. */
  readonly liveBytes: number;
  readonly blocks: readonly Block[];
};

export type Candidate = {
  readonly id: string;
  /** stateBytes + stackBytes. */
  readonly ramBytes: number;
  readonly stateBytes: number;
  readonly stackBytes: number;
  readonly flashBytes: number;
  readonly macs: number;
  /** 0..1. */
  readonly validationAccuracy: number;
  readonly testAccuracy?: number;
  readonly layers: readonly LayerRow[];
};

/** Everything that the Budget view shows of a run. */
export type RunView = {
  readonly run: RunSummary;
  readonly budget: Budget;
  readonly chip: string;
  /** Absolute path of the folder into which the spec wants the C; absent where the spec is gone or broken. */
  readonly outputFolder?: string;
  readonly trials: readonly TrialPoint[];
  /** Those on the front, by growing RAM. */
  readonly candidates: readonly Candidate[];
  /** The candidate that the search recommends, so far. */
  readonly chosen?: string;
};

/** Requests of the editor to the language server, by method. */
export type Requests = {
  'sparse/view': { params: { readonly folder: string }; result: RunView | null };
  /** Asks the run's process to stop as Ctrl-C does; false where none runs. */
  'sparse/cancel': { params: { readonly folder: string }; result: boolean };
};

/** Notifications of the editor to the language server. */
export type ToServer = {
  /** Folders that may hold `.sparse/runs`: those of the workspace's specs. */
  'sparse/folders': { readonly folders: readonly string[] };
};

/** Notifications of the language server to the editor. */
export type FromServer = {
  /** Sent when any run changed; newest first. */
  'sparse/runs': { readonly runs: readonly RunSummary[] };
};

/** Messages to the Budget view. */
export type ToView = { readonly type: 'run'; readonly view: RunView } | { readonly type: 'gone'; readonly folder: string };

export type ViewCommand = 'openSpec' | 'writeFirmware' | 'cancelSearch' | 'resumeSearch';

/** Messages of the Budget view. */
export type FromView = { readonly type: 'ready' } | { readonly type: ViewCommand; readonly candidate?: string };

/** What VS Code keeps of the Budget view over a reload. */
export type ViewState = { readonly folder: string; readonly candidate?: string };
