import { FORMAT_VERSION, type Header, type JournalRecord, recordSchema } from './record.ts';

/** What a journal's bytes say. */
export type Journal = {
  /** In order, the header first; empty where the journal is refused. */
  readonly records: readonly JournalRecord[];
  readonly header?: Header;
  /** Why it is no journal of this version at all. */
  readonly refused?: string;
  /** Lines that were left out; of many, the first `MOST_FAULTS`. */
  readonly faults: readonly Fault[];
  readonly faultCount: number;
  /** Bytes up to the last line's end, and behind it: a record that was being written, or was torn by a crash. */
  readonly wholeBytes: number;
  readonly tornBytes: number;
};

/** Lines count from 1. */
export type Fault = { readonly line: number; readonly message: string };

export const LONGEST_LINE = 1 << 20;
export const MOST_LINES = 1_000_000;
export const MOST_FAULTS = 100;

export function parseJournal(bytes: Uint8Array): Journal {
  const parser = createParser();
  parser.push(bytes);
  return parser.end();
}

/** Takes a journal in pieces. Holds at most one line of bytes. */
export function createParser(): { push(bytes: Uint8Array): void; end(): Journal } {
  const records: JournalRecord[] = [];
  const faults: Fault[] = [];
  let refused: string | undefined;
  let [faultCount, line, wholeBytes] = [0, 0, 0];
  let pieces: Uint8Array[] = [];
  let pending = 0;

  function fault(message: string): void {
    faultCount++;
    if (line === 1) refused = message;
    if (faults.length < MOST_FAULTS) faults.push({ line, message });
  }

  function take(): void {
    line++;
    if (refused !== undefined) return;
    if (line > MOST_LINES) {
      if (line === MOST_LINES + 1) fault(`a journal has at most ${MOST_LINES} lines; what follows is left out`);
      return;
    }
    const record = pending > LONGEST_LINE ? `a line has at most ${LONGEST_LINE} bytes, not ${pending}` : parseLine(pieces, line === 1);
    if (typeof record === 'string') fault(record);
    else records.push(record);
  }

  return {
    push(bytes) {
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
        hold(bytes.subarray(start, end));
        take();
        wholeBytes += pending + 1;
        [pieces, pending] = [[], 0];
        start = end + 1;
      }
      hold(new Uint8Array(bytes.subarray(start)));
    },
    end() {
      const shared = { faults, faultCount, wholeBytes, tornBytes: pending };
      const [header] = records;
      if (header?.type === 'header') return { records, header, ...shared };
      return { records: [], refused: refused ?? 'the journal has no header', ...shared };
    },
  };

  function hold(piece: Uint8Array): void {
    if (pending <= LONGEST_LINE) pieces.push(piece);
    pending += piece.length;
  }
}

const NEWLINE = 10;

function parseLine(pieces: readonly Uint8Array[], first: boolean): JournalRecord | string {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces)));
  } catch {
    return first ? 'the journal does not begin with a header' : 'the line is not JSON';
  }
  if (first) {
    const { type, version } = Object(value) as { type?: unknown; version?: unknown };
    if (type !== 'header') return 'the journal does not begin with a header';
    if (version !== FORMAT_VERSION)
      return `the journal is of format version ${String(version)}; this program reads version ${FORMAT_VERSION}`;
  }
  const parsed = recordSchema.safeParse(value);
  if (!parsed.success) return issueText(parsed.error.issues[0]);
  if (!first && parsed.data.type === 'header') return 'a second header';
  return parsed.data;
}

const issueText = ({ path, message }: { path: PropertyKey[]; message: string }): string =>
  `${path.map(String).join('.') || 'the record'}: ${message}`;
