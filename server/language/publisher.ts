/** Publishes a document's problems at once after a keystroke, or where they take long to find, once typing pauses. */
export type Publisher = {
  later(uri: string): void;
  drop(uri: string): void;
  stop(): void;
};

/** What takes longer than this might hold up the next keystroke. */
const LONG_MS = 30;

export function createPublisher(publish: (uri: string) => void, pauseMs: number, now: () => number = () => performance.now()): Publisher {
  const waiting = new Map<string, () => void>();
  const isLong = new Set<string>();
  const drop = (uri: string) => {
    waiting.get(uri)?.();
    waiting.delete(uri);
  };
  const act = (uri: string) => {
    waiting.delete(uri);
    const begun = now();
    publish(uri);
    if (now() - begun > LONG_MS) isLong.add(uri);
    else isLong.delete(uri);
  };
  return {
    later(uri) {
      drop(uri);
      if (isLong.has(uri)) {
        const timer = setTimeout(act, pauseMs, uri);
        waiting.set(uri, () => clearTimeout(timer));
      } else {
        // What came together is answered together.
        const turn = setImmediate(act, uri);
        waiting.set(uri, () => clearImmediate(turn));
      }
    },
    drop,
    stop() {
      for (const uri of [...waiting.keys()]) drop(uri);
    },
  };
}
