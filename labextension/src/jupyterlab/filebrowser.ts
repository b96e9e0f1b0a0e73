import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { Widget } from '@lumino/widgets';

import type { Repository } from '../api/generated/api';
import type { IHealthModel } from '../model/tokens';

/**
 * The paths of the notebooks that are selected in the file browser.
 *
 * @param browsers - Lab's file browsers; null where there are none.
 */
export function selectedNotebooks(
  browsers: IFileBrowserFactory | null
): string[] {
  const browser = browsers?.tracker.currentWidget;
  const paths: string[] = [];
  for (const item of browser?.selectedItems() ?? []) {
    if (item.type === 'notebook') {
      paths.push(item.path);
    }
  }
  return paths;
}

/** A notebook, or a folder that may hold some. */
export interface ITarget {
  /** Relative to Lab's root. */
  path: string;
  isFolder: boolean;
}

/**
 * The notebooks and folders that are selected in the file browser.
 *
 * @param browsers - Lab's file browsers; null where there are none.
 */
export function selectedTargets(
  browsers: IFileBrowserFactory | null
): ITarget[] {
  const targets: ITarget[] = [];
  const browser = browsers?.tracker.currentWidget;
  for (const { path, type } of browser?.selectedItems() ?? []) {
    if (type === 'notebook' || type === 'directory') {
      targets.push({ path, isFolder: type === 'directory' });
    }
  }
  return targets;
}

/** A file of a checkout. */
export interface ICheckoutFile {
  repository: Repository;
  /** Below the checkout. */
  path: string;
}

/**
 * The file of a checkout that is selected in the file browser.
 *
 * @returns Null if nothing, or more than one thing, or something else is.
 */
export function selectedOfCheckout(
  browsers: IFileBrowserFactory | null,
  model: IHealthModel
): ICheckoutFile | null {
  const items = [...(browsers?.tracker.currentWidget?.selectedItems() ?? [])];
  const [item] = items;
  if (!item || items.length > 1 || item.type === 'directory') {
    return null;
  }
  for (const repository of model.repositories.data?.repositories ?? []) {
    const prefix = `${repository.directory}/`;
    if (repository.state === 'present' && item.path.startsWith(prefix)) {
      return { repository, path: item.path.slice(prefix.length) };
    }
  }
  return null;
}

/** Take every file browser that shows a folder, or is within, out of it. */
export async function leaveFolder(
  browsers: IFileBrowserFactory | null,
  folder: string
): Promise<void> {
  const parent = folder.split('/').slice(0, -1).join('/');
  const moves: Promise<void>[] = [];
  browsers?.tracker.forEach(({ model }) => {
    if (`${model.path}/`.startsWith(`${folder}/`)) {
      moves.push(model.cd(`/${parent}`));
    }
  });
  await Promise.all(moves);
}

/**
 * Let every file browser measure itself when it comes into view.
 *
 * Lab measures a list that was empty when its first lines come. While another
 * tab of the side bar is shown, as in a first checkout into an empty home, it
 * then has no width, and the names of the files get none.
 */
export function measureWhenShown(browsers: IFileBrowserFactory | null): void {
  const watch = (browser: Widget): void => {
    let wasShown = browser.node.offsetWidth > 0;
    const observer = new ResizeObserver(() => {
      const isShown = browser.node.offsetWidth > 0;
      if (isShown && !wasShown) {
        browser.processMessage(Widget.ResizeMessage.UnknownSize);
      }
      wasShown = isShown;
    });
    observer.observe(browser.node);
    browser.disposed.connect(() => {
      observer.disconnect();
    });
  };
  browsers?.tracker.forEach(watch);
  browsers?.tracker.widgetAdded.connect((_, browser) => {
    watch(browser);
  });
}
