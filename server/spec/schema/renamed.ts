/** A key that is read though it has another name in the language: what it was called before, or what everyone else calls it. */
export type Renamed = { readonly section: string; readonly old: string; readonly now: string };

export const RENAMED: readonly Renamed[] = [
  { section: 'data', old: 'normalize', now: 'normalise' },
  { section: 'training', old: 'optimizer', now: 'optimiser' },
  { section: 'training', old: 'batchSize', now: 'batch' },
];
