import { useEffect, useState } from 'react';

/** What has come of a request. */
export interface IAnswer<T> {
  data: T | null;
  error: unknown;
}

interface IKnown<T> extends IAnswer<T> {
  /** What it is the answer to. */
  question: string;
}

/** What is known of a question before its answer. */
const NOTHING = { data: null, error: null };

/**
 * Ask the server, and again when there is more to tell.
 *
 * What is known stays until the new answer is there, and beside the error if
 * there is none. Of another question nothing is shown, and an answer that was
 * overtaken is dropped.
 *
 * @param ask - Asks; null while there is nothing to ask.
 * @param question - Tells one question from another.
 * @param version - Changes when the answer may be another one.
 */
export function useAnswer<T>(
  ask: (() => Promise<T>) | null,
  question: string,
  version = ''
): IAnswer<T> {
  const [known, setKnown] = useState<IKnown<T>>({ ...NOTHING, question });
  useEffect(() => {
    if (ask === null) {
      return;
    }
    let isWanted = true;
    const take = (found: Partial<IAnswer<T>>): void => {
      if (isWanted) {
        setKnown(before => ({
          ...NOTHING,
          data: before.question === question ? before.data : null,
          ...found,
          question
        }));
      }
    };
    ask().then(
      data => {
        take({ data });
      },
      (error: unknown) => {
        take({ error });
      }
    );
    return () => {
      isWanted = false;
    };
    // `ask` is another function each time; the rest tells whether it asks for
    // something else.
  }, [question, version, ask === null]);
  return ask !== null && known.question === question ? known : NOTHING;
}
