#!/usr/bin/env -S MALLOC_MMAP_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=131072 node
import '../noTelemetry.js';
import { describeError, ClipcovError } from '../errors.js';
import { parseCommand, UsageError, type Parsed } from './arguments.js';
import { EXIT, HELP } from './help.js';

/** Entry of `clipcov`. Commands are loaded when they are asked for: `--help` needs no ONNX Runtime. */
async function main(argv: string[]): Promise<number> {
  if (argv.length === 0 || argv[0] === '--help' || argv[0] === '-h') {
    process.stdout.write(HELP);
    return argv.length ? EXIT.ok : EXIT.usage;
  }
  if (argv[0] === '--version') {
    process.stdout.write(`${CLIPCOV_VERSION}\n`);
    return EXIT.ok;
  }
  try {
    const parsed = parseCommand(argv);
    if (parsed.values['help']) process.stdout.write(HELP);
    else await run(parsed);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`clipcov: ${error.message}\nTry clipcov --help.\n`);
      return EXIT.usage;
    }
    process.stderr.write(`clipcov: ${describeError(error)}\n`);
    if (error instanceof ClipcovError) return error.code === 'cancelled' ? EXIT.cancelled : EXIT.failed;
    // A defect of ours: the stack belongs in a report, not in the way.
    if (process.env['CLIPCOV_DEBUG']) process.stderr.write(`${(error as Error).stack}\n`);
    return EXIT.failed;
  }
}

async function run(parsed: Parsed): Promise<void> {
  if (parsed.command === 'serve') return (await import('./serve.js')).serveCommand();
  const { commands } = await import('./commands.js');
  await commands[parsed.command](parsed);
}

declare const CLIPCOV_VERSION: string;

// Native threads may still wind down; nothing of ours is left to do.
process.exitCode = await main(process.argv.slice(2));
