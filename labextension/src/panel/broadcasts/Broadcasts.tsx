import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Broadcast, BroadcastList } from '../../api/generated/api';
import { Disclosure } from '../../components/Disclosure';
import { StateIcon } from '../../components/StateLabel';
import { useHealth } from '../../components/context';
import { useSignals } from '../../components/hooks';
import { stateIcons } from '../../states/icons';
import type { IStateLook } from '../../states/states';

const ORDER: readonly Broadcast['category'][] = ['outage', 'notice', 'info'];

/** What the platform announces, to all (the worst first) and to the user. */
export function Broadcasts(): React.ReactElement | null {
  const { model, trans } = useHealth();
  useSignals(model.broadcasts.changed, model.status.changed);
  const { data, error } = model.broadcasts;
  const notes = data ? notesOf(data, trans) : [];
  // A server that is silent altogether says so below, once.
  if (error !== null && model.status.error === null) {
    notes.push(
      data
        ? trans.__('These announcements may be out of date.')
        : trans.__('Announcements could not be read.')
    );
  }
  const { broadcasts, messages } = data ?? { broadcasts: [], messages: [] };
  if (!broadcasts.length && !messages.length && !notes.length) {
    return null;
  }
  const [worst, ...others] = [...broadcasts].sort(
    (a, b) => ORDER.indexOf(a.category) - ORDER.indexOf(b.category)
  );
  return (
    <section
      className="jp-RSPHealth-broadcasts"
      aria-label={trans.__('Announcements')}
    >
      {notes.map(note => (
        <p key={note} className="jp-RSPHealth-hint">
          {note}
        </p>
      ))}
      {worst && <BroadcastView broadcast={worst} />}
      {others.length > 0 && (
        <Disclosure
          name="broadcasts"
          label={trans._n(
            '%1 more announcement',
            '%1 more announcements',
            others.length
          )}
        >
          {others.map(broadcast => (
            <BroadcastView key={broadcast.id} broadcast={broadcast} />
          ))}
        </Disclosure>
      )}
      {messages.length > 0 && (
        <Disclosure
          name="messages"
          initiallyOpen
          label={trans._n(
            '%1 message to you',
            '%1 messages to you',
            messages.length
          )}
        >
          <ul className="jp-RSPHealth-list">
            {messages.map((message, index) => (
              <li key={index} className="jp-RSPHealth-message">
                {message.summary}
              </li>
            ))}
          </ul>
        </Disclosure>
      )}
    </section>
  );
}

/** What limits the list itself. */
function notesOf(list: BroadcastList, trans: TranslationBundle): string[] {
  const notes: string[] = [];
  if (list.state === 'stale' || list.state === 'unavailable') {
    notes.push(
      list.message || trans.__('These announcements may be out of date.')
    );
  }
  if (list.messages_note && list.state !== 'unavailable') {
    notes.push(list.messages_note);
  }
  return notes;
}

function BroadcastView(props: { broadcast: Broadcast }): React.ReactElement {
  const { trans } = useHealth();
  const { id, category, summary, body } = props.broadcast;
  const looks: Record<Broadcast['category'], IStateLook> = {
    outage: { word: trans.__('Outage'), icon: stateIcons.bad, tone: 'bad' },
    notice: { word: trans.__('Notice'), icon: stateIcons.warn, tone: 'warn' },
    info: { word: trans.__('Info'), icon: stateIcons.info, tone: 'busy' }
  };
  const look = looks[category];
  const label = (
    <>
      <StateIcon look={look} />
      <span className="jp-RSPHealth-hidden">{look.word}:</span>
      <span className="jp-RSPHealth-broadcast">{summary}</span>
    </>
  );
  if (!body) {
    return <p className="jp-RSPHealth-broadcastLine">{label}</p>;
  }
  return (
    <Disclosure name={`broadcast:${id}`} label={label}>
      <p className="jp-RSPHealth-broadcastBody">{body}</p>
    </Disclosure>
  );
}
