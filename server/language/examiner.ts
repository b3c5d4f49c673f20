import { dirname } from 'node:path';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { type Examined, type ExamineOptions, examine } from '../spec/features/examine.ts';
import type { PriceNetwork } from '../spec/features/price.ts';
import { sourceKey } from './data.ts';
import { NOTHING, type Outside, sourceOf, spaceKey } from './outside.ts';

/** Examines each version of a document once, and again when something outside of it has changed. */
export type Examiner = {
  examined(document: TextDocument): Examined;
  forget(uri: string): void;
};

/** A price that fails is a bug: it is logged, and the rest of the spec is examined without it. */
export function createExaminer(
  price: PriceNetwork | undefined,
  log: (fault: unknown) => void,
  outside: { known(file: string): Outside; fileOf(uri: string): string | undefined } = { known: () => NOTHING, fileOf: () => undefined },
): Examiner {
  const seen = new Map<string, { version: number; revision: number; examined: Examined }>();
  return {
    examined(document) {
      const file = outside.fileOf(document.uri);
      const about = file === undefined ? NOTHING : outside.known(file);
      const last = seen.get(document.uri);
      if (last?.version === document.version && last.revision === about.revision) return last.examined;
      const examined = attempt(document.getText(), about, file);
      seen.set(document.uri, { version: document.version, revision: about.revision, examined });
      return examined;
    },
    forget: (uri) => void seen.delete(uri),
  };

  function attempt(text: string, about: Outside, file: string | undefined): Examined {
    const options = { data: about.data, firmware: about.firmware, project: about.project, space: about.space };
    try {
      return current(examine(text, { price, ...options }), about, file, options);
    } catch (fault) {
      log(fault);
      return current(examine(text, options), about, file, options);
    }
  }
}

/** Without what was found for other words than those that the spec says now; the shape of the samples is believed until it is looked at anew. */
function current(examined: Examined, { dataKey, spaceKey: key }: Outside, file: string | undefined, { data }: ExamineOptions): Examined {
  const { parsed, data: _data, space, ...rest } = examined;
  const source = file === undefined ? undefined : sourceOf(parsed.draft, dirname(file));
  return {
    parsed,
    ...rest,
    ...(data && source && sourceKey(source) === dataKey ? { data } : {}),
    ...(space && key === spaceKey(parsed, data) ? { space } : {}),
  };
}
