import { isExhausted, type Strategy } from '../search/strategy.ts';

/** A strategy that can be asked while all workers are busy, so that none has to wait for its next proposal. */
export type Ahead = Strategy & {
  /** Asks, unless that was done: the answer knows no trial that is told from now on. */
  readonly askAhead: () => void;
  readonly isAhead: boolean;
};

export function ahead(strategy: Strategy): Ahead {
  let ready: ReturnType<Strategy['ask']> | undefined;
  return {
    ask() {
      const answer = ready ?? strategy.ask();
      ready = undefined;
      return answer;
    },
    askAhead() {
      ready ??= strategy.ask();
    },
    get isAhead() {
      return ready !== undefined;
    },
    tell(trial) {
      strategy.tell(trial);
      if (ready && isExhausted(ready)) ready = undefined;
    },
    adopt: (proposal) => strategy.adopt(proposal),
  };
}
