import * as assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';

const ID = 'clipcov.clipcov';

describe('the extension in its host', () => {
  it('activates and registers its commands', async () => {
    const extension = vscode.extensions.getExtension(ID);
    assert.ok(extension, `${ID} is not installed`);
    await extension.activate();
    const commands = await vscode.commands.getCommands(true);
    for (const name of [
      ...['selectSubset', 'runEvaluation', 'exportSubset', 'chooseModel', 'cancel', 'showLog'],
      ...['pause', 'repeatRun', 'makeDemo', 'collectDiagnostics', 'subsets.refresh', 'subsets.delete'],
    ])
      assert.ok(commands.includes(`clipcov.${name}`), `clipcov.${name} is not registered`);
  });

  it('collects what a report needs, without names', async () => {
    await vscode.commands.executeCommand('clipcov.collectDiagnostics');
    const text = vscode.window.activeTextEditor!.document.getText();
    assert.match(text, /ok device: cpu/);
    assert.match(text, /ok model: icon-clip/);
    assert.match(text, /job=doctor state=done/);
    assert.ok(!text.includes(homedir()), 'it names the home folder');
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('keeps its stores out of the watcher and the search', () => {
    for (const [section, key] of [
      ['files', 'watcherExclude'],
      ['search', 'exclude'],
    ] as const) {
      const excluded = vscode.workspace.getConfiguration(section).get<Record<string, boolean>>(key, {});
      assert.ok(
        Object.keys(excluded).some((pattern) => pattern.includes('.clipcov')),
        `${section}.${key} has no .clipcov`,
      );
    }
  });

  it('does not let a workspace choose models, hubs, approved folders or the device', () => {
    const { properties } = packageJson().contributes.configuration;
    const { restrictedConfigurations } = packageJson().capabilities.untrustedWorkspaces;
    const names = ['model', 'hub.endpoint', 'hub.cache', 'approvedRoots', 'device'];
    for (const name of names.map((last) => `clipcov.${last}`)) {
      assert.equal(properties[name]?.scope, 'machine', `${name} is not machine-scoped`);
      assert.ok(restrictedConfigurations.includes(name), `${name} is not restricted`);
    }
    assert.equal(properties['clipcov.storeFolder']?.scope, 'machine-overridable');
    assert.ok(restrictedConfigurations.includes('clipcov.storeFolder'));
    assert.deepEqual(packageJson().extensionKind, ['workspace']);
    assert.equal(packageJson().capabilities.untrustedWorkspaces.supported, 'limited');
  });

  it('opens a subset with the preview, and says what is wrong with a broken one', async () => {
    const folder = vscode.workspace.workspaceFolders![0]!.uri;
    const file = join(folder.fsPath, 'broken.clipcov.json');
    writeFileSync(file, '{"schema": 1');
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
    const tab = await until(() => vscode.window.tabGroups.activeTabGroup.activeTab?.input);
    assert.ok(tab instanceof vscode.TabInputCustom, 'not a custom editor');
    assert.equal(tab.viewType, 'clipcov.subset');
  });

  it('opens the panel of a folder given by a command', async () => {
    const folder = vscode.workspace.workspaceFolders![0]!.uri;
    writeFileSync(join(folder.fsPath, 'pairs.csv'), 'image,caption\nnone.png,nothing\n');
    await vscode.commands.executeCommand('clipcov.selectSubset', folder);
    const label = `ClipCov: ${folder.path.split('/').pop()}`;
    await until(() =>
      vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).find((tab) => tab.label === label),
    );
    // The inspection has opened the dataset through the server by the time its store folder is there.
    await until(() => existsSync(join(folder.fsPath, '.clipcov', '.gitignore')));
  });
});

interface Manifest {
  extensionKind: string[];
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
  contributes: { configuration: { properties: Record<string, { scope?: string }> } };
}

function packageJson(): Manifest {
  const { extensionPath } = vscode.extensions.getExtension(ID)!;
  return JSON.parse(readFileSync(join(extensionPath, 'package.json'), 'utf8')) as Manifest;
}

/** Polls until there is a value; fails after 30 s with what was waited for. */
async function until<T>(read: () => T | undefined | false): Promise<T> {
  const end = Date.now() + 30_000;
  for (;;) {
    const value = read();
    if (value) return value;
    if (Date.now() > end) throw new Error(`nothing came of ${read.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
