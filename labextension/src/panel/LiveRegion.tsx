import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useRef, useState } from 'react';

import type { RunDocument, StatusDocument } from '../api/generated/api';
import { useHealth } from '../components/context';
import type { Mutes } from '../model/mutes';
import { serviceLook } from '../states/states';

/** Least time between two announcements, in ms. */
const PAUSE = 5000;

/** So many services are named; more are counted. */
const NAMED = 3;

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

/** One sentence for each state that services turned to: outages take many. */
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
  const turned = new Map<string, string[]>();
  for (const { id, title, state } of now.services) {
    if (states.has(id) && states.get(id) !== state && !mutes.has(id)) {
      const { word } = serviceLook(state, trans);
      turned.set(word, [...(turned.get(word) ?? []), title]);
    }
  }
  return [...turned].map(([word, titles]) => {
    if (titles.length > NAMED) {
      return trans.__('%1 services are %2.', titles.length, word);
    }
    return titles.length === 1
      ? trans.__('%1 is %2.', titles[0], word)
      : trans.__('%1 are %2.', titles.join(', '), word);
  });
}
