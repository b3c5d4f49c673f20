import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';

export type Band = { readonly x: number; readonly low: number; readonly middle: number; readonly high: number };
export type Panel = { readonly title: string; readonly series: readonly { readonly name: string; readonly band: readonly Band[] }[] };

const [WIDTH, HEIGHT] = [420, 260];
const MARGIN = { left: 46, right: 12, top: 34, bottom: 36 };
/** Okabe and Ito's, told apart with every kind of colour vision. */
const COLOURS = ['#0072B2', '#D55E00', '#767676'];

/** Curves with their spread, panels side by side, as SVG. */
export function drawCurves(title: string, panels: readonly Panel[]): string {
  const width = panels.length * WIDTH;
  const parts = panels.map((panel, index) => `<g transform="translate(${index * WIDTH},0)">${drawPanel(panel)}</g>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" font-family="sans-serif" font-size="11">
<rect width="${width}" height="${HEIGHT}" fill="white"/>
<text x="${MARGIN.left}" y="16" font-size="13">${title}</text>
${parts.join('\n')}
</svg>
`;
}

function drawPanel({ title, series }: Panel): string {
  const bands = series.flatMap(({ band }) => band);
  const x = scaleLinear([0, Math.max(...bands.map((each) => each.x))], [MARGIN.left, WIDTH - MARGIN.right]);
  const y = scaleLinear([0, Math.max(...bands.map((each) => each.high))], [HEIGHT - MARGIN.bottom, MARGIN.top]).nice();
  const spread = area<Band>(
    (each) => x(each.x),
    (each) => y(each.low),
    (each) => y(each.high),
  );
  const middle = line<Band>(
    (each) => x(each.x),
    (each) => y(each.middle),
  );
  const rounded = (path: string | null) => (path ?? '').replace(/\d+\.\d+/g, (number) => Number(number).toFixed(1));
  const bottom = HEIGHT - MARGIN.bottom;
  const axes = [
    ...x.ticks(6).map((tick) => `<text x="${x(tick)}" y="${bottom + 14}" text-anchor="middle">${tick}</text>`),
    ...y
      .ticks(5)
      .map(
        (tick) =>
          `<path d="M${MARGIN.left} ${y(tick)}H${WIDTH - MARGIN.right}" stroke="#ddd"/><text x="${MARGIN.left - 6}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`,
      ),
    `<text x="${(MARGIN.left + WIDTH) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${title}</text>`,
  ];
  const curves = series.map(({ name, band }, index) => {
    const colour = COLOURS[index];
    const label = `<text x="${WIDTH - MARGIN.right - 4}" y="${bottom - 8 - 14 * (series.length - 1 - index)}" text-anchor="end" fill="${colour}">${name}</text>`;
    return `<path d="${rounded(spread([...band]))}" fill="${colour}" opacity="0.15"/><path d="${rounded(middle([...band]))}" fill="none" stroke="${colour}" stroke-width="1.6"/>${label}`;
  });
  return [...axes, ...curves].join('');
}
