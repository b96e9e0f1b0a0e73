import { useEffect, useState } from 'react';

/** What has come of a request. */
export interface IAnswer<T> {
  data: T | null;
  error: unknown;
}

/**
 * Ask the server whenever the question changes; what was known stays until the
 * new answer is there, and an answer that was overtaken is dropped.
 *
 * @param ask - Asks; null while there is nothing to ask.
 * @param question - Tells one question from another.
 */
export function useAnswer<T>(
  ask: (() => Promise<T>) | null,
  question: string
): IAnswer<T> {
  const [answer, setAnswer] = useState<IAnswer<T>>({ data: null, error: null });
  useEffect(() => {
    if (ask === null) {
      return;
    }
    let isWanted = true;
    ask().then(
      data => {
        if (isWanted) {
          setAnswer({ data, error: null });
        }
      },
      (error: unknown) => {
        if (isWanted) {
          setAnswer({ data: null, error });
        }
      }
    );
    return () => {
      isWanted = false;
    };
    // `ask` is another function each time; the question tells whether it asks
    // for something else.
  }, [question, ask === null]);
  return answer;
}
