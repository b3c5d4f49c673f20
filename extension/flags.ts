/** What Node is told when it runs the language server: new objects get 1 MB before they are sorted out, for a server that makes few. */
export const SERVER_FLAGS = ['--max-semi-space-size=1'];
