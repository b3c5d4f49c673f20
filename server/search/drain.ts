/** What a generator comes to when nobody else wants a turn. */
export function drain<Result>(steps: Generator<unknown, Result, void>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
