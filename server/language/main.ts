/** The language server's process: over Node's IPC as the extension starts it, or over stdio (`--stdio`) for other editors. */
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { priceNetwork } from '../run/price.ts';
import { startLanguageServer } from './server.ts';

startLanguageServer(createConnection(ProposedFeatures.all), { price: priceNetwork });
