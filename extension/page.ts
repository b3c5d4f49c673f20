import { randomBytes } from 'node:crypto';
import { Uri, type Webview } from 'vscode';

/** The Budget view's page. Nothing is loaded but its own script and style; the state names the run for a reload before any message. */
export function page(webview: Webview, assets: Uri, folder: string): string {
  const nonce = randomBytes(16).toString('base64');
  const address = (file: string) => webview.asWebviewUri(Uri.joinPath(assets, file));
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="${address('webview.css')}">
<title>Budget</title>
</head>
<body>
<div id="root" data-folder="${escaped(folder)}"></div>
<script type="module" nonce="${nonce}" src="${address('webview.js')}"></script>
</body>
</html>`;
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
