import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';

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
