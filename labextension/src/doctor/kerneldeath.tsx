import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { namedDialog } from '../jupyterlab/dialogs';
import { FAILURE_SHOWN } from '../jupyterlab/durations';
import { tellTopic } from '../jupyterlab/toasts';
import type { KernelEvent } from '../api/generated/events';
import { visible } from '../text/format';
import { whoseWord } from './whose';

/** Say why a kernel ended: one notice a kernel, whatever else it does. */
export function notifyDeath(
  death: KernelEvent,
  trans: TranslationBundle
): void {
  const name = death.path?.split('/').pop();
  const said = visible(death.message);
  const what = name
    ? trans.__('The kernel of %1 %2', visible(name), said)
    : trans.__('A kernel %1', said);
  tellTopic(
    `kernel:${death.kernel_id}`,
    what,
    death.cause === 'culled' ? 'info' : 'warning',
    {
      // Lab's own dialog may lie over it for as long as nobody is there.
      autoClose: death.cause === 'culled' ? FAILURE_SHOWN : false,
      // Lab cuts a notice that is longer than two or three lines.
      actions: [
        {
          label: trans.__('What now?'),
          caption: trans.__('Whose problem it is, and what to do'),
          callback: () => void showDeath(what, death, trans)
        }
      ]
    }
  );
}

async function showDeath(
  what: string,
  { whose, next_step: next }: KernelEvent,
  trans: TranslationBundle
): Promise<void> {
  await namedDialog({
    title: trans.__('Why?'),
    body: (
      <div className="jp-RSPHealth-why">
        <p>{what}</p>
        <p>{trans.__('Whose: %1', whoseWord(whose, trans))}</p>
        <p>{trans.__('Now: %1', visible(next))}</p>
      </div>
    ),
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  }).launch();
}
