/** The language server's process: over Node's IPC as the extension starts it, or over stdio (`--stdio`) for other editors. */
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { priceNetwork } from '../run/price.ts';
import { serveRuns } from './runs.ts';
import { startLanguageServer } from './server.ts';

const connection = createConnection(ProposedFeatures.all);
serveRuns(connection);
startLanguageServer(connection, { price: priceNetwork });
