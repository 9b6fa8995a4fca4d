/** What a probe came to: why the provider cannot be used, or its rate and the CPU's, in GFLOP/s (0 where they were not asked for). */
export type ProbeAnswer = { reason: string } | { rate: number; cpuRate: number };

/** One line, so that whatever a driver prints around it is told apart. */
export function writeAnswer(answer: ProbeAnswer): string {
  return `probe: ${JSON.stringify(answer)}\n`;
}

/** The answer in what a probe printed, or null. */
export function readAnswer(printed: string): ProbeAnswer | null {
  const line = /^probe: (\{.*\})$/m.exec(printed)?.[1];
  if (line === undefined) return null;
  const answer = JSON.parse(line) as Partial<Record<'reason' | 'rate' | 'cpuRate', unknown>>;
  if (typeof answer.reason === 'string') return { reason: answer.reason };
  return typeof answer.rate === 'number' && typeof answer.cpuRate === 'number'
    ? { rate: answer.rate, cpuRate: answer.cpuRate }
    : null;
}
