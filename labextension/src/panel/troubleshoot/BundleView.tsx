import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { BundleDocument } from '../../api/generated/api';
import { formatBytes } from '../../text/format';

/** Every file of a bundle, as it will be; and what is not in it. */
export function BundleView(props: {
  document: BundleDocument;
  trans: TranslationBundle;
}): React.ReactElement {
  const { document, trans } = props;
  return (
    <div className="jp-RSPHealth-inspection">
      <p>
        {trans.__(
          'A zip that only you can read, of these files. It is sent nowhere: you attach it yourself.'
        )}
      </p>
      {document.files.map(({ name, about, size_bytes: size, redactions }) => (
        <details key={name}>
          <summary>
            <strong>{name}</strong> {about} ({formatBytes(size)}
            {redactions > 0 &&
              trans._n(
                ', %1 place taken out',
                ', %1 places taken out',
                redactions
              )}
            )
          </summary>
          <pre tabIndex={0} aria-label={name}>
            {document.texts[name] ?? ''}
          </pre>
        </details>
      ))}
      {document.omissions.length > 0 && (
        <>
          <p>{trans.__('Not in it:')}</p>
          <ul>
            {document.omissions.map(({ name, reason }) => (
              <li key={name}>
                {name}: {reason}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
