/**
 * ONNX Runtime's builds for Linux and macOS keep a number of this machine in the user's cache and send their makers word of
 * every session, unless its process's environment says otherwise when it begins. Nothing leaves this machine unasked, so
 * this comes first in every process that may load the runtime. A thread's environment is a copy that the runtime does not
 * see: its process has said it by then.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
