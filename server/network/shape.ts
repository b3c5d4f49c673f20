/** One sample's extent, channels last. A 1-D series `[T, C]` is `height = T, width = 1`. */
export type Shape = {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
};

export const elements = (shape: Shape): number => shape.height * shape.width * shape.channels;

export const sameShape = (a: Shape, b: Shape): boolean => a.height === b.height && a.width === b.width && a.channels === b.channels;

export const formatShape = (shape: Shape): string => `${shape.height}x${shape.width}x${shape.channels}`;
