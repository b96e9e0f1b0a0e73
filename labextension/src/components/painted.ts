/** A page that is not looked at draws nothing; then nobody waits, in ms. */
const PATIENCE = 100;

/**
 * Wait until what was changed so far has been drawn.
 *
 * What keeps the page busy for long, as opening a notebook does, would
 * otherwise come before the sign that the click was heard.
 */
export function painted(): Promise<void> {
  return new Promise(resolve => {
    window.setTimeout(resolve, PATIENCE);
    requestAnimationFrame(() => {
      // After this frame: a task of its own runs when it has been drawn.
      window.setTimeout(resolve, 0);
    });
  });
}
