import React, { useState } from 'react';

import type { LogPlace } from '../../api/generated/api';
import { ErrorNote } from '../../components/ErrorNote';
import { OutLink, TextButton } from '../../components/buttons';
import { useHealth } from '../../components/context';
import { visible } from '../../text/format';

/** Where more may be written, once that is asked for. */
export function LogsView(): React.ReactElement {
  const { model, trans } = useHealth();
  const [places, setPlaces] = useState<LogPlace[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const look = async (): Promise<void> => {
    setError(null);
    try {
      setPlaces((await model.api.logs()).places);
    } catch (reason) {
      setError(reason);
    }
  };
  const title = trans.__('Where is the log?');
  return (
    <>
      <TextButton label={title} onClick={look} />
      <ErrorNote error={error} />
      {places && (
        <ul className="jp-RSPHealth-list" aria-label={title}>
          {places.map(({ title: name, place, reason }) => (
            <li key={`${name} ${place}`}>
              <strong>{visible(name)}:</strong> {visible(reason)}
              {place && (
                <div>
                  <OutLink href={place}>{visible(place)}</OutLink>
                </div>
              )}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
