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
    // The first frame draws it; when the second begins, it is on the screen.
    requestAnimationFrame(() => {
      requestAnimationFrame(() => {
        window.setTimeout(resolve, 0);
      });
    });
  });
}
