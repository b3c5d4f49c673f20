/** AssemblyScript's number types, for the files that both compilers read: `commands/`. */
type i32 = number;
type f32 = number;
