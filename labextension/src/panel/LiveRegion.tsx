import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useRef, useState } from 'react';

import type { RunDocument, StatusDocument } from '../generated/api';
import type { Mutes } from '../mutes';
import { serviceLook } from '../states';
import { useHealth } from './context';

/** Least time between two announcements, in ms. */
const PAUSE = 5000;

/** Tells a screen reader what has changed, politely and not too often. */
export function LiveRegion(): React.ReactElement {
  const { model, trans } = useHealth();
  const [text, setText] = useState('');
  const waiting = useRef<string[]>([]);
  useEffect(() => {
    let timer = 0;
    const flush = (): void => {
      timer = 0;
      setText(waiting.current.splice(0).join(' '));
    };
    const say = (sentence: string): void => {
      waiting.current.push(sentence);
      timer ||= window.setTimeout(flush, PAUSE);
    };
    let before = model.status.data;
    const onStatus = (): void => {
      const now = model.status.data;
      changes(before, now, model.mutes, trans).forEach(say);
      before = now;
    };
    const onRun = (_: unknown, run: RunDocument): void => {
      const { passed, failed } = run.totals;
      say(trans.__('Checks ended: %1 passed, %2 failed.', passed, failed));
    };
    model.status.changed.connect(onStatus);
    model.runs.finished.connect(onRun);
    return () => {
      window.clearTimeout(timer);
      model.status.changed.disconnect(onStatus);
      model.runs.finished.disconnect(onRun);
    };
  }, [model, trans]);
  return (
    <div className="jp-RSPHealth-hidden" role="status" aria-live="polite">
      {text}
    </div>
  );
}

/** One sentence for each service whose state differs. */
function changes(
  before: StatusDocument | null,
  now: StatusDocument | null,
  mutes: Mutes,
  trans: TranslationBundle
): string[] {
  if (!before || !now || before === now) {
    return [];
  }
  const states = new Map(
    before.services.map(service => [service.id, service.state])
  );
  return now.services
    .filter(({ id, state }) => states.has(id) && states.get(id) !== state)
    .filter(({ id }) => !mutes.has(id))
    .map(({ title, state }) =>
      trans.__('%1 is %2.', title, serviceLook(state, trans).word)
    );
}
