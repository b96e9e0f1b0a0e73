/**
 * Seconds until a moment that the server named.
 *
 * Counted from the server's own clock: the browser's may be wrong.
 *
 * @param moment - ISO 8601, as on the wire.
 * @param document - The answer that named it.
 * @param sinceAnswer - Seconds since that answer came.
 */
export function secondsUntil(
  moment: string,
  document: { observed_at: string } | null,
  sinceAnswer: number
): number {
  const from = Date.parse(document?.observed_at ?? '');
  return (Date.parse(moment) - from) / 1000 - sinceAnswer;
}
