/** Where a command reads and writes; tests give their own. */
export type Console = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Lines may be rewritten in place. */
  readonly interactive: boolean;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
};

/** 0: clean. 1: the user's input has problems. 2: the command failed. */
export type ExitCode = 0 | 1 | 2;

export type Command = {
  readonly summary: string;
  readonly usage: string;
  /** Ends in an orderly way once the console's signal is aborted; what does not is ended by Ctrl-C at once. */
  readonly stoppable?: true;
  run(args: string[], console: Console): Promise<ExitCode>;
};

/** The command line cannot be understood; the message says how. */
export class UsageError extends Error {}
