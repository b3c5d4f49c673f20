/** Passes over the next `bytes` of commands where the word at `flag` is set and `set` is 1, or is not and `set` is 0. */
export class Skip {
  flag: i32 = 0;
  set: i32 = 0;
  bytes: i32 = 0;
}
