/** AssemblyScript's number types, for the one file that both compilers read: `commands.ts`. */
type i32 = number;
type f32 = number;
