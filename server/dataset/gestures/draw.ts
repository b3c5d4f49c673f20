import type { Random } from '../../random.ts';

/** Samples of a recording, at 50 per second: 1.28 s. */
export const GESTURE_STEPS = 64;
const STEP_SECONDS = 1 / 50;
const GRAVITY = 9.81;

/** In the order of their labels. */
export const GESTURES = ['rest', 'shake', 'circle', 'swipe', 'tap'] as const;
export type Gesture = (typeof GESTURES)[number];

type Vector = readonly [x: number, y: number, z: number];
/** Acceleration of the hand at a time in seconds, m/s². */
type Motion = (time: number) => Vector;

/** What an accelerometer in a hand reads, m/s²: [steps, 3]. The hand is held askew, trembles, and no two people move alike. */
export function drawGesture(random: Random, gesture: Gesture): Float32Array {
  const motion = MOTIONS[gesture](random);
  const turn = tilt(random.normal() * 0.2, random.normal() * 0.2, random.normal() * 0.3);
  const tremor = 0.15 + 0.35 * random.next();
  const drift = [0, 0, 0].map(() => random.normal() * 0.2);
  const recording = new Float32Array(GESTURE_STEPS * 3);
  for (let step = 0; step < GESTURE_STEPS; step++) {
    const [x, y, z] = motion(step * STEP_SECONDS);
    turn([x, y, z + GRAVITY]).forEach((value, axis) => {
      recording[step * 3 + axis] = value + drift[axis] + random.normal() * tremor;
    });
  }
  return recording;
}

const MOTIONS: { readonly [name in Gesture]: (random: Random) => Motion } = {
  rest: (random) => {
    const sway = wave(random, random.uniform(0.2, 1.2), random.uniform(0, 0.8));
    return (time) => [sway(time), 0, 0];
  },
  shake: (random) => {
    const [along, across] = [
      wave(random, random.uniform(3, 6), random.uniform(5, 14)),
      wave(random, random.uniform(2, 6), random.uniform(0, 3)),
    ];
    return (time) => [along(time), across(time), 0.3 * across(time)];
  },
  circle: (random) => {
    const turns = random.uniform(0.9, 2.2) * (random.next() < 0.5 ? -1 : 1);
    const phase = random.uniform(0, 2 * Math.PI);
    const [wide, high] = [random.uniform(3, 8), random.uniform(3, 8)];
    return (time) => {
      const angle = 2 * Math.PI * turns * time + phase;
      return [wide * Math.cos(angle), high * Math.sin(angle), 0];
    };
  },
  swipe: (random) => {
    const stroke = push(random.uniform(0.25, 0.9), random.uniform(0.12, 0.25), random.uniform(6, 14) * (random.next() < 0.5 ? -1 : 1));
    const rise = random.uniform(-0.3, 0.3);
    return (time) => [stroke(time), rise * stroke(time), 0];
  },
  tap: (random) => {
    const first = random.uniform(0.15, 0.75);
    const gap = random.uniform(0.15, 0.35);
    const [one, two] = [first, first + gap].map((at) => push(at, random.uniform(0.02, 0.035), random.uniform(8, 20)));
    return (time) => [0.2 * one(time), 0, one(time) + two(time)];
  },
};

/** A steady oscillation from a random phase. */
function wave(random: Random, hertz: number, amplitude: number): (time: number) => number {
  const phase = random.uniform(0, 2 * Math.PI);
  return (time) => amplitude * Math.sin(2 * Math.PI * hertz * time + phase);
}

/** Speeding up and braking again: the derivative of a bell around `at`, scaled to its largest value. */
const push =
  (at: number, width: number, amplitude: number) =>
  (time: number): number => {
    const u = (time - at) / width;
    return -amplitude * u * Math.exp((1 - u * u) / 2);
  };

/** A rotation by small angles about x, y and z, in radians. */
function tilt(a: number, b: number, c: number): (vector: Vector) => number[] {
  const [sa, ca, sb, cb, sc, cc] = [Math.sin(a), Math.cos(a), Math.sin(b), Math.cos(b), Math.sin(c), Math.cos(c)];
  return ([x, y, z]) => [
    cb * cc * x - cb * sc * y + sb * z,
    (ca * sc + sa * sb * cc) * x + (ca * cc - sa * sb * sc) * y - sa * cb * z,
    (sa * sc - ca * sb * cc) * x + (sa * cc + ca * sb * sc) * y + ca * cb * z,
  ];
}
