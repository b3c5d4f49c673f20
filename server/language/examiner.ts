import type { TextDocument } from 'vscode-languageserver-textdocument';
import { type Examined, examine } from '../spec/features/examine.ts';
import type { PriceNetwork } from '../spec/features/price.ts';

/** Examines each version of a document once. */
export type Examiner = {
  examined(document: TextDocument): Examined;
  forget(uri: string): void;
};

/** A price that fails is a bug: it is logged, and the rest of the spec is examined without it. */
export function createExaminer(price: PriceNetwork | undefined, log: (fault: unknown) => void): Examiner {
  const known = new Map<string, { version: number; examined: Examined }>();
  return {
    examined(document) {
      const last = known.get(document.uri);
      if (last?.version === document.version) return last.examined;
      const examined = attempt(document.getText());
      known.set(document.uri, { version: document.version, examined });
      return examined;
    },
    forget: (uri) => void known.delete(uri),
  };

  function attempt(text: string): Examined {
    try {
      return examine(text, { price });
    } catch (fault) {
      log(fault);
      return examine(text);
    }
  }
}
