import { MenuSvg, ellipsesIcon } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import React, { useEffect, useMemo } from 'react';

import { IconButton } from './buttons';
import { useHealth } from './context';

/** A line of a menu, if it is more than a command. */
export interface IMenuLine {
  command: string;
  /** Added to those of all lines. */
  args: ReadonlyJSONObject;
}

/** A ⋯ button that opens a menu of commands. */
export function MenuButton(props: {
  label: string;
  commands: readonly (string | IMenuLine)[];
  args?: ReadonlyJSONObject;
}): React.ReactElement {
  const { label, commands: lines, args = {} } = props;
  const { commands } = useHealth();
  const menu = useMemo(() => new MenuSvg({ commands }), [commands]);
  useEffect(
    () => () => {
      menu.dispose();
    },
    [menu]
  );
  return (
    <IconButton
      icon={ellipsesIcon}
      label={label}
      hasMenu
      onClick={event => {
        menu.clearItems();
        for (const line of lines) {
          menu.addItem(
            typeof line === 'string'
              ? { command: line, args }
              : { command: line.command, args: { ...args, ...line.args } }
          );
        }
        const { left, bottom } = event.currentTarget.getBoundingClientRect();
        menu.open(left, bottom);
      }}
    />
  );
}
