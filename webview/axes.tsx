/** Where the plot lies in the chart, in pixels. */
export type Frame = { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };

type Scale = ((value: number) => number) & { ticks(count: number): number[] };

/** Error in percent upwards, RAM in bytes to the right. */
export function Axes({ frame, x, y }: { frame: Frame; x: Scale; y: Scale }) {
  const { left, right, top, bottom } = frame;
  return (
    <g class="axes">
      {y.ticks(5).map((tick) => (
        <g key={tick}>
          <line x1={left} x2={right} y1={y(tick)} y2={y(tick)} />
          <text x={left - 8} y={y(tick) + 4} text-anchor="end">
            {Math.round(1000 * tick) / 10} %
          </text>
        </g>
      ))}
      {x.ticks(Math.max(2, Math.floor((right - left) / 90))).map((tick) => (
        <text key={tick} x={x(tick)} y={bottom + 18} text-anchor="middle">
          {tick}
        </text>
      ))}
      <text x={(left + right) / 2} y={bottom + 36} text-anchor="middle">
        RAM, bytes
      </text>
      <text transform={`translate(12 ${(top + bottom) / 2}) rotate(-90)`} text-anchor="middle">
        validation error
      </text>
    </g>
  );
}
