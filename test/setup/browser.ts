import { chromium, type Browser, type LaunchOptions } from 'playwright-core';
import { findChromium } from './chromium.js';

/** WebGL in software, as a machine without a GPU has it. */
export const SOFTWARE_WEBGL = ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];

/** Without a sandbox Chromium also runs as root and in containers; it only ever opens the tests' own pages. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Launches the installed Chromium; set HEADED=1 to watch it. */
export async function launchBrowser(options: LaunchOptions = {}): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('No Chromium found: run `npm run test:setup`.');
  return chromium.launch({
    executablePath,
    headless: process.env['HEADED'] !== '1',
    ...options,
    args: [...flags, ...(options.args ?? [])],
  });
}
