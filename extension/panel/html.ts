import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** The only folder a webview may load from. */
export function webviewOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist')] };
}

/** The page that loads the webview's bundle: nothing from the network, no inline code, images as data only. */
export function webviewHtml(webview: vscode.Webview, extensionUri: vscode.Uri): string {
  const nonce = randomBytes(24).toString('base64url');
  const script = webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview.js')).toString();
  const policy = [
    `default-src 'none'`,
    `img-src data:`,
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}' ${webview.cspSource}`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${nonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ClipCov</title>
</head>
<body>
<clipcov-app></clipcov-app>
<script type="application/json" id="clipcov-l10n">${dataBlock(vscode.l10n.bundle ?? {})}</script>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}

/** JSON that cannot end the element it stands in. It is data, so the policy has nothing to allow. */
export function dataBlock(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
