/** What machine code takes: bytes, and the cycles of one inference, expected. */
export type Cost = { readonly bytes: number; readonly cycles: number };

/** A place in a program whose branches and jumps are all as short as they can be: bytes, and how many of those lie before it. */
export type Mark = { at: number; jumps: number };

/** A branch or jump of one word, from byte `at` of such a program. */
export type Jump = { at: number; readonly isBranch: boolean; readonly target: string };

/** How far an instruction reaches, in words of two bytes from `ahead` words behind its begin; room is left for what is not told. */
export type Reach = { readonly ahead: number; readonly branch: Words; readonly jump: Words };
type Words = { readonly least: number; readonly most: number };

type Counted = Jump & { readonly times: number; readonly taken: number };

/** The branches and jumps of code that is not kept. */
export class Jumps {
  private readonly jumps: Counted[] = [];
  private readonly labels = new Map<string, Mark>();

  add(jump: Counted): void {
    this.jumps.push(jump);
  }

  label(label: string, at: number): void {
    this.labels.set(label, { at, jumps: this.jumps.length });
  }

  /** Runs `body`, and `straight`, which writes so many bytes that are to lie ahead of it. */
  ahead(body: () => void, straight: () => number): void {
    const labels = this.labels.size;
    const jumps = this.jumps.length;
    body();
    const by = straight();
    for (const mark of [...this.labels.values()].slice(labels)) mark.at += by;
    for (const jump of this.jumps.slice(jumps)) jump.at += by;
  }

  /** What they take more than they would if all of them reached. */
  excess(reach: Reach): Cost {
    const longer = lengthsOf(this.jumps, this.labels, reach);
    let bytes = 0;
    let cycles = 0;
    this.jumps.forEach(({ times, taken }, i) => {
      bytes += 2 * longer[i];
      // A branch that is not taken takes the jump that it is turned around over, and one that is taken a cycle less.
      if (longer[i] > 0) cycles += times;
      if (longer[i] > 1) cycles += taken;
    });
    return { bytes, cycles };
  }
}

/** How many words longer each has to be, so that all reach: a branch 1 over a jump and 2 over a long one, a jump 1 as a long one. */
export function lengthsOf(jumps: readonly Jump[], labels: ReadonlyMap<string, Mark>, reach: Reach): Uint8Array {
  const longer = new Uint8Array(jumps.length);
  const before = new Uint32Array(jumps.length + 1);
  const targets = jumps.map(({ target }) => labels.get(target)!);
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 0; i < jumps.length; i++) before[i + 1] = before[i] + longer[i];
    for (let i = 0; i < jumps.length; i++) {
      const { at, isBranch } = jumps[i];
      const overJump = isBranch && longer[i] > 0;
      if (longer[i] === (isBranch ? 2 : 1)) continue;
      const words = (targets[i].at - at) / 2 + before[targets[i].jumps] - before[i] - reach.ahead - Number(overJump);
      const { least, most } = isBranch && !overJump ? reach.branch : reach.jump;
      if (words >= least && words <= most) continue;
      longer[i]++;
      changed = true;
    }
  }
  return longer;
}
