/** `14,112`. */
export const formatCount = (count: number): string => String(Math.round(count)).replaceAll(/\B(?=(\d{3})+$)/g, ',');

/** `2,048 B`, in messages where every byte counts. */
export const formatExact = (bytes: number): string => `${formatCount(bytes)} B`;

/** As a spec would write it: `2 KB`, `2560 B`. */
export function formatBytes(bytes: number): string {
  for (const [unit, size] of [
    ['MB', 1024 ** 2],
    ['KB', 1024],
  ] as const)
    if (bytes >= size && bytes % size === 0) return `${bytes / size} ${unit}`;
  return `${bytes} B`;
}
