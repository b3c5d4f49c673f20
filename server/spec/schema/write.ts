/** Writes the language as a JSON schema for other editors: `node server/spec/schema/write.ts`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { schemaText } from './json.ts';

writeFileSync(fileURLToPath(new URL('../../../media/schema/sparse.schema.json', import.meta.url)), schemaText());
