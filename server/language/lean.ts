import { setFlagsFromString } from 'node:v8';

/*
 * A keystroke's work is under a millisecond in baseline code. Compilers that optimise it would cost 20 MB, and at times hold up the answer for longer than
 * that on a machine with few cores; the look at a whole search space takes 2.6 times as long without them, in the background.
 */
setFlagsFromString('--no-opt');
setFlagsFromString('--no-maglev');
