import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Backup, Operation, Repository } from '../api/generated/api';
import { HealthError } from '../api/request';
import { FAILURE_SHOWN } from '../jupyterlab/durations';
import type { IFilling } from '../jupyterlab/filling';
import { askAndFill } from '../jupyterlab/filling';
import { formatBytes, formatMoment, visible } from '../text/format';
import { chooseOf } from './choice';
import type { IFlowOptions } from './flow';

/** How long a notice that asks for nothing is shown, in ms. */
const SHOWN = 10_000;

/**
 * Let the user choose a branch or tag.
 *
 * @returns Null if they changed their mind.
 */
export async function chooseRef(
  repository: Repository,
  { model, trans }: IFlowOptions
): Promise<string | null> {
  const look = async (): Promise<string[]> => {
    const { branches, tags, suggested } = await model.api.refs(repository.id);
    const names = new Set([
      ...(suggested === null ? [] : [suggested]),
      ...branches.map(ref => ref.name),
      ...tags.map(ref => ref.name)
    ]);
    return [...names];
  };
  return chooseOf(
    {
      title: trans.__('Check out %1', repository.title),
      label: trans.__('Branch or tag'),
      looking: trans.__('Asking upstream for its branches and tags…')
    },
    look(),
    trans
  );
}

/**
 * Ask, and put a backup back in place.
 *
 * @param backupId - The backup; the newest if undefined.
 * @returns The operation under way; null if the user said no.
 */
export async function restore(
  repository: Repository,
  backupId: string | undefined,
  { model, trans }: IFlowOptions
): Promise<Operation | null> {
  let backup: Backup | undefined;
  const look = async (): Promise<IFilling> => {
    const { backups } = await model.api.backups(repository.id);
    backup =
      backupId === undefined
        ? newest(backups)
        : backups.find(candidate => candidate.id === backupId);
    if (!backup) {
      throw new HealthError(
        'not_found',
        trans.__('There is no such backup of %1 any more.', repository.title),
        trans.__('The panel lists those that are there.')
      );
    }
    const text = trans.__(
      'The backup of %1 goes back to %2. If anything there is yours now, it becomes a backup itself.',
      formatMoment(backup.created_at),
      repository.directory
    );
    return {
      body: React.createElement('p', null, text),
      accept: trans.__('Restore')
    };
  };
  const { isAccepted } = await askAndFill(
    {
      title: trans.__('Restore %1', repository.title),
      looking: trans.__('Looking for the backup…')
    },
    look(),
    trans
  );
  if (!isAccepted || !backup) {
    return null;
  }
  const operation = await model.api.restore(repository.id, {
    backup: backup.id
  });
  model.operations.take(operation);
  return operation;
}

/**
 * Ask, and move a checkout to a backup.
 *
 * @param leave - Called before; a file browser in it would miss its folder.
 * @returns The operation under way; null if the user said no.
 */
export async function remove(
  repository: Repository,
  { model, trans }: IFlowOptions,
  leave: () => Promise<void>
): Promise<Operation | null> {
  const agreed = await agree(trans, {
    title: trans.__('Remove %1', repository.title),
    body: trans.__(
      'All of %1 moves to a backup. You can restore it from the panel.',
      repository.directory
    ),
    accept: Dialog.warnButton({ label: trans.__('Remove') })
  });
  if (!agreed) {
    return null;
  }
  await leave();
  const operation = await model.api.remove(repository.id);
  model.operations.take(operation);
  return operation;
}

/**
 * Ask, and put one file back to what upstream has.
 *
 * @param path - Below the checkout.
 * @returns The operation under way; null if the user said no.
 */
export async function reset(
  repository: Repository,
  path: string,
  { model, trans }: IFlowOptions
): Promise<Operation | null> {
  const agreed = await agree(trans, {
    title: trans.__('Reset to upstream'),
    body: trans.__(
      '%1 goes back to the version that was checked out in %2. Your version moves to a backup.',
      visible(path),
      repository.title
    ),
    accept: Dialog.warnButton({ label: trans.__('Reset') })
  });
  if (!agreed) {
    return null;
  }
  const operation = await model.api.reset(repository.id, { path });
  model.operations.take(operation);
  return operation;
}

/**
 * Ask, and delete a backup for good.
 *
 * @returns Whether it was deleted.
 */
export async function removeBackup(
  repository: Repository,
  backup: string,
  { model, trans }: IFlowOptions
): Promise<boolean> {
  const agreed = await agree(trans, {
    title: trans.__('Delete a backup of %1', repository.title),
    body: trans.__(
      'The backup %1 is deleted for good. This cannot be undone.',
      backup
    ),
    accept: Dialog.warnButton({ label: trans.__('Delete') })
  });
  if (!agreed) {
    return false;
  }
  await model.api.removeBackup(repository.id, { backup });
  await model.repositories.load();
  return true;
}

/**
 * Ask, and delete for good the backups that are past their time.
 *
 * @returns Whether they were deleted.
 */
export async function pruneBackups(
  repository: Repository,
  { model, trans }: IFlowOptions
): Promise<boolean> {
  const { backups } = await model.api.backups(repository.id);
  const expired = backups.filter(backup => backup.expired);
  if (!expired.length) {
    Notification.info(
      trans.__(
        'No backup of %1 is expired: all are among the last three, or younger than 30 days.',
        repository.title
      ),
      { autoClose: SHOWN }
    );
    return false;
  }
  const size = expired.reduce((sum, one) => sum + (one.size_bytes ?? 0), 0);
  const agreed = await agree(trans, {
    title: trans.__('Delete expired backups of %1', repository.title),
    body: trans.__(
      'Deleted for good: %1 (%2). This cannot be undone.',
      expired.map(backup => formatMoment(backup.created_at)).join(', '),
      formatBytes(size)
    ),
    accept: Dialog.warnButton({ label: trans.__('Delete') })
  });
  if (!agreed) {
    return false;
  }
  await model.api.pruneBackups(repository.id, {
    backups: expired.map(backup => backup.id)
  });
  await model.repositories.load();
  return true;
}

/** Ask upstream now, and tell what it says. */
export async function lookForUpdates(
  repository: Repository,
  { model, trans }: IFlowOptions
): Promise<void> {
  const { available, error, message } = await model.api.updates(
    repository.id,
    true
  );
  const text = trans.__('%1: %2.', repository.title, message);
  if (error !== null) {
    Notification.error(`${text} ${error.message} ${error.hint}`, {
      autoClose: FAILURE_SHOWN
    });
  } else if (available) {
    Notification.info(text, { autoClose: FAILURE_SHOWN });
    // The panel shows it, too.
    await model.repositories.load();
  } else {
    Notification.success(text, { autoClose: SHOWN });
  }
}

/** Ask; the safe button has the focus. */
async function agree(
  trans: TranslationBundle,
  question: { title: string; body: string; accept: Dialog.IButton }
): Promise<boolean> {
  const { title, body, accept } = question;
  const answer = await showDialog({
    title,
    body,
    buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), accept],
    defaultButton: 0
  });
  return answer.button.accept;
}

function newest(backups: Backup[]): Backup | undefined {
  return [...backups].sort((a, b) =>
    b.created_at.localeCompare(a.created_at)
  )[0];
}
