import { type Connection, createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { projectChip } from '../firmware/chip.ts';
import { createFirmwareLook } from '../firmware/use.ts';
import { createDataLook } from './data.ts';
import { createLastRun } from './last.ts';
import { priceAtOnce, priceLayers } from './price.ts';
import { createPricing } from './pricing.ts';
import { serveRuns } from './runs.ts';
import { startLanguageServer } from './server.ts';
import { examineSpace } from './space.ts';

const RECHECK_MS = 2000;

/** All that the language server does, over a connection. */
export function serve(connection: Connection): void {
  serveRuns(connection);
  const pricing = createPricing(priceAtOnce, priceLayers);
  const looks = {
    ...{ data: createDataLook(), firmware: createFirmwareLook(), project: projectChip },
    ...{ space: examineSpace, price: pricing.later },
  };
  startLanguageServer(connection, {
    price: pricing.now,
    wholePrice: priceLayers,
    looks,
    recheckMs: RECHECK_MS,
    lastRun: createLastRun(),
    closed: true,
  });
}

/** The language server over two streams, as `sparse lsp` serves other editors. The process ends as the protocol asks, or with its input. */
export function serveStreams(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): void {
  serve(createConnection(ProposedFeatures.all, input, output));
}
