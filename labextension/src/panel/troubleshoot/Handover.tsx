import { Clipboard } from '@jupyterlab/apputils';
import React, { useState } from 'react';

import type { BundleDocument } from '../../api/generated/api';
import { ErrorNote } from '../../components/ErrorNote';
import { OutLink, TextButton } from '../../components/buttons';
import { useHealth } from '../../components/context';
import { askAndFill } from '../../jupyterlab/filling';
import { BundleView } from './BundleView';

type Flavour = BundleDocument['flavour'];

/** What is handed to others; each is read before it leaves. */
export function Handover(): React.ReactElement {
  const { model, trans } = useHealth();
  const [made, setMade] = useState<BundleDocument | null>(null);
  const [error, setError] = useState<unknown>(null);
  const looking = trans.__('Looking, and taking out what is secret…');
  const guard = async (action: () => Promise<void>): Promise<void> => {
    setError(null);
    setMade(null);
    try {
      await action();
    } catch (reason) {
      setError(reason);
    }
  };
  const copy = async (): Promise<void> => {
    const preview = model.api.bundle({ flavour: 'public', preview: true });
    const title = trans.__('Copy for a forum');
    const shown = preview.then(({ summary }) => ({
      body: (
        <div className="jp-RSPHealth-inspection">
          <p>
            {trans.__(
              'Read it before you post it: it is public then. Passwords, tokens, your name and addresses were taken out.'
            )}
          </p>
          <pre tabIndex={0} aria-label={trans.__('The text')}>
            {summary}
          </pre>
        </div>
      ),
      accept: trans.__('Copy')
    }));
    const answer = await askAndFill({ title, looking }, shown, trans);
    if (answer.isAccepted) {
      Clipboard.copyToSystem((await preview).summary);
    }
  };
  const bundle = async (flavour: Flavour): Promise<void> => {
    const title =
      flavour === 'public'
        ? trans.__('Make a bundle for a forum')
        : trans.__("Make a bundle for the site's staff");
    const shown = model.api
      .bundle({ flavour, preview: true })
      .then(document => ({
        body: <BundleView document={document} trans={trans} />,
        accept: trans.__('Make it')
      }));
    const answer = await askAndFill({ title, looking }, shown, trans);
    if (answer.isAccepted) {
      setMade(await model.api.bundle({ flavour, preview: false }));
    }
  };
  return (
    <>
      <TextButton
        label={trans.__('Copy for a forum…')}
        onClick={() => guard(copy)}
      />
      <TextButton
        label={trans.__('Bundle for a forum…')}
        onClick={() => guard(() => bundle('public'))}
      />
      <TextButton
        label={trans.__('Bundle for staff…')}
        onClick={() => guard(() => bundle('staff'))}
      />
      <ErrorNote error={error} />
      {made && (
        <p role="status">
          {trans.__('Made %1. Nothing was sent.', made.path ?? '')}{' '}
          {made.flavour === 'public' && made.forum && (
            <OutLink href={made.forum}>{trans.__("The site's forum")}</OutLink>
          )}
          {made.flavour === 'staff' &&
            made.support &&
            trans.__("The site's staff: %1", made.support)}
        </p>
      )}
    </>
  );
}
