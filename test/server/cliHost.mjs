/**
 * Runs commands of the built command line one after another, each as a program of its own would: its arguments, variables,
 * output and exit code are its own. What all of them load is loaded once.
 */
import process, { argv, env, stderr, stdout } from 'node:process';

// Each command listens for signals.
process.setMaxListeners(0);
process.on('disconnect', () => process.exit());
let count = 0;

process.on('message', async ({ program, args, environment }) => {
  argv.splice(1, Infinity, program, ...args);
  for (const name of Object.keys(env)) if (!(name in environment)) delete env[name];
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
