/**
 * How long what went wrong is shown before it is in Lab's list only, in ms.
 * Nothing stays on the screen for ever.
 */
export const FAILURE_SHOWN = 30_000;
