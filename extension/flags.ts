/** What Node is told when it runs the language server, which makes few objects: 1 MB for new ones before they are sorted out, and small before fast. */
export const SERVER_FLAGS = ['--max-semi-space-size=1', '--optimize-for-size'];
