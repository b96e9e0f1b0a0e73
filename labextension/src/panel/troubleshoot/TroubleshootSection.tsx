import React, { Suspense, lazy } from 'react';

import { Section } from '../../components/Section';
import { useHealth } from '../../components/context';

/** Loaded when the section is opened for the first time. */
const Troubleshoot = lazy(() => import('./Troubleshoot'));

/** Whose problem it is, and what to do now. */
export function TroubleshootSection(): React.ReactElement {
  const { trans } = useHealth();
  return (
    <Section
      name="troubleshoot"
      title={trans.__('Troubleshoot')}
      initiallyOpen={false}
    >
      <Suspense fallback={<p role="status">{trans.__('Loading…')}</p>}>
        <Troubleshoot />
      </Suspense>
    </Section>
  );
}
