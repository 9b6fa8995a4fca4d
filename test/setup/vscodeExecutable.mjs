#!/usr/bin/env node
// What @vscode/test-electron starts in place of a desktop VS Code.
import { register } from 'tsx/esm/api';

register();
await import('./runInServer.ts');
