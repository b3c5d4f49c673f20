/** The language server's process: over Node's IPC as the extension starts it, or over stdio (`--stdio`) for other editors. */
import './lean.ts';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { serve } from './serve.ts';

serve(createConnection(ProposedFeatures.all));
