import { refreshIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { MenuButton } from '../components/MenuButton';
import { IconButton } from '../components/buttons';
import { useHealth } from '../components/context';
import { useSignals } from '../components/hooks';
import { CommandIDs } from '../jupyterlab/commands';
import { Verdict } from './Verdict';

/** What the ⋯ menu offers. */
const MENU: readonly string[] = [
  CommandIDs.copySummary,
  CommandIDs.openSettings,
  CommandIDs.openDocumentation
];

/** Where this is, and what can be done with the panel as a whole. */
export function Header(): React.ReactElement {
  const { model, trans, execute } = useHealth();
  useSignals(model.status.changed, model.quota.changed);
  const instance = model.status.data?.instance;
  const lab = model.quota.data?.lab;
  const image = lab?.image_description ?? lab?.image;
  return (
    <div className="jp-RSPHealth-header">
      <div className="jp-RSPHealth-titleRow">
        <h2 className="jp-RSPHealth-title">{trans.__('RSP Health')}</h2>
        <IconButton
          icon={refreshIcon}
          label={trans.__('Probe the services now')}
          onClick={() => execute(CommandIDs.refresh)}
        />
        <MenuButton label={trans.__('More')} commands={MENU} />
      </div>
      <Verdict />
      {(instance ?? image) && (
        <p className="jp-RSPHealth-where">
          {[instance, image].filter(Boolean).join(' · ')}
        </p>
      )}
    </div>
  );
}
