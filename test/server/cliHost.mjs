/**
 * Runs commands of the built command line one after another, each as a program of its own would: its arguments, variables,
 * output and exit code are its own. The folder it runs in, and what all of them load, they share.
 */
import process, { argv, env, stderr, stdout } from 'node:process';

// Each command listens for signals.
process.setMaxListeners(0);
// A regular end could abort in native code that still runs.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
let count = 0;
let given = [];

process.on('message', async ({ program, args, environment }) => {
  argv.splice(1, Infinity, program, ...args);
  // What the programs set for themselves when they are loaded stays.
  for (const name of given) if (!(name in environment)) delete env[name];
  given = Object.keys(environment);
  Object.assign(env, environment);
  const ran = { code: 0, stdout: '', stderr: '' };
  const written = [
    [stdout, 'stdout'],
    [stderr, 'stderr'],
  ].map(([stream, name]) => {
    const { write } = stream;
    stream.write = (text) => {
      ran[name] += text;
      return true;
    };
    return () => (stream.write = write);
  });
  process.exitCode = undefined;
  try {
    // The program runs when it is loaded: under another address it is loaded again, and the parts it shares are not.
    await import(`${program}?${count++}`);
    ran.code = process.exitCode ?? 0;
  } catch (error) {
    ran.code = 1;
    ran.stderr += error.stack;
  }
  for (const restore of written) restore();
  process.exitCode = undefined;
  process.removeAllListeners('SIGINT');
  process.send(ran);
});
