/** C, by unit, of what `driver` puts together; `state` points to the state. */
export type Schedule = {
  /** Statements that set the counters to nothing. */
  readonly begin: readonly string[];
  /** Expression of the place of the next unit of the input. */
  readonly next: string;
  /** Condition that the whole input is there. */
  readonly isComplete: string;
  /** Statements that a unit of the input is there: counts it, and folds it where stages do. */
  readonly take: string;
  /** A function that the statements below call. */
  readonly step?: string;
  /** Statements that let the most downstream stage that can make a unit do so, until none can. Absent when no stage can at all. */
  readonly run?: string;
};
