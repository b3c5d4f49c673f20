/** Publishes a document's problems once typing pauses. */
export type Publisher = {
  later(uri: string): void;
  drop(uri: string): void;
  stop(): void;
};

export function createPublisher(publish: (uri: string) => void, delayMs: number): Publisher {
  const waiting = new Map<string, NodeJS.Timeout>();
  const drop = (uri: string) => {
    clearTimeout(waiting.get(uri));
    waiting.delete(uri);
  };
  return {
    later(uri) {
      drop(uri);
      const timer = setTimeout(() => {
        waiting.delete(uri);
        publish(uri);
      }, delayMs);
      waiting.set(uri, timer);
    },
    drop,
    stop() {
      for (const uri of [...waiting.keys()]) drop(uri);
    },
  };
}
