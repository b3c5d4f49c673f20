/** Lines and UTF-16 code units, both from 0, as the Language Server Protocol counts. */
export type Position = { readonly line: number; readonly character: number };
export type Range = { readonly start: Position; readonly end: Position };

export type Edit = { readonly range: Range; readonly text: string };
export type Fix = { readonly title: string; readonly edits: readonly Edit[] };

export type Severity = 'error' | 'warning' | 'information';

/** What is wrong with a spec, and where. */
export type Problem = {
  readonly code: ProblemCode;
  readonly severity: Severity;
  readonly range: Range;
  /** What is wrong and what is allowed. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  readonly fixes?: readonly Fix[];
};

/** Every problem that a spec can have, in the order in which they are looked for. */
export const catalogue = {
  tooLarge: { severity: 'error', about: 'the text is longer than a spec may be' },
  tooDeep: { severity: 'error', about: 'values are nested deeper than a spec may be' },
  syntax: { severity: 'error', about: 'the text is not YAML' },
  documents: { severity: 'error', about: 'the file holds more than one YAML document' },
  alias: { severity: 'error', about: 'anchors, aliases and merge keys are not part of the language' },
  tag: { severity: 'error', about: 'YAML tags are not part of the language' },
  duplicateKey: { severity: 'error', about: 'a key is given twice' },
  deprecated: { severity: 'warning', about: 'the key has another name now; the old one is still read' },
  unknownKey: { severity: 'error', about: 'no such key here' },
  missingKey: { severity: 'error', about: 'a needed key is absent' },
  missingValue: { severity: 'error', about: 'a key has no value' },
  wrongType: { severity: 'error', about: 'the value is of the wrong kind' },
  unknownValue: { severity: 'error', about: 'the value is not one of those allowed' },
  outOfRange: { severity: 'error', about: 'the number, or the length of the list, is outside the allowed range' },
  unit: { severity: 'error', about: 'the quantity cannot be read' },
  identifier: { severity: 'error', about: 'the name cannot be an identifier in C' },
  bounds: { severity: 'error', about: 'the lower bound is above the upper' },
  duplicateValue: { severity: 'error', about: 'the list names something twice' },
  unknownChip: { severity: 'error', about: 'no such chip in the table' },
  otherChip: { severity: 'warning', about: 'the firmware project is for another chip' },
  overChip: { severity: 'error', about: 'the target asks for more than its chip has' },
  noBudget: { severity: 'error', about: 'the reserve leaves nothing for the network' },
  format: { severity: 'error', about: 'the file names do not tell the format of the data' },
  labels: { severity: 'error', about: 'the format needs a labels file, or has no use for one' },
  classes: { severity: 'error', about: 'the classes do not divide the labels' },
  shares: { severity: 'error', about: 'the shares leave nothing to train on' },
  inputShape: { severity: 'error', about: 'a network written by hand needs to know the shape of its input' },
  operation: { severity: 'error', about: 'a layer names no operation, or several' },
  unknownLayer: { severity: 'error', about: 'an input is not the name of an earlier layer' },
  layer: { severity: 'error', about: 'a layer cannot stand where it is' },
  outputs: { severity: 'error', about: 'the network does not end in one value per class' },
  training: { severity: 'error', about: 'the settings of the training contradict each other' },
  data: { severity: 'error', about: 'the data on disk is not what the spec says' },
  fewSamples: { severity: 'warning', about: 'a class has too few samples to be divided' },
  unbalanced: { severity: 'warning', about: 'one class has many more samples than another' },
  space: { severity: 'error', about: 'the bounds of the search space contradict each other' },
  noFit: { severity: 'error', about: 'no network of the search space fits the target' },
  overRam: { severity: 'error', about: 'a layer needs more RAM than the target has left' },
  overFlash: { severity: 'error', about: 'the network needs more flash than the target has left' },
  projectChip: { severity: 'information', about: 'the chip is that of the firmware project' },
  fit: { severity: 'information', about: 'how much of the search space fits the target' },
  peak: { severity: 'information', about: 'the layer that decides the RAM of the network' },
} as const satisfies Record<string, { severity: Severity; about: string }>;

export type ProblemCode = keyof typeof catalogue;

/** Where in the written spec: keys and list indices from the top. */
export type Path = readonly (string | number)[];

/** A problem before it is placed in the text. */
export type Fault = {
  readonly code: ProblemCode;
  readonly path: Path;
  /** Mark the key rather than the value. */
  readonly at?: 'key' | 'value';
  readonly message: string;
  readonly hint?: string;
  /** What could be written in place of what is marked. */
  readonly instead?: string;
};
