const whole = new Intl.NumberFormat('en');

export const bytes = (count: number): string => `${whole.format(count)} B`;

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

export const count = (value: number): string => whole.format(value);

/** "1 min 20 s". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
