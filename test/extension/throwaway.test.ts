import { strictEqual } from 'node:assert';
import * as vscode from 'vscode';
describe('harness', () => { it('has a workspace', () => { console.log(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath); strictEqual(vscode.workspace.workspaceFolders?.length, Number(process.env['EXPECT'] ?? 1)); }); });
