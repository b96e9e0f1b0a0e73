import { MenuSvg, ellipsesIcon } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import React, { useEffect, useMemo } from 'react';

import { useHealth } from '../panel/context';
import { IconButton } from './buttons';

/** A ⋯ button that opens a menu of commands. */
export function MenuButton(props: {
  label: string;
  /** Always the same list. */
  commands: readonly string[];
  args?: ReadonlyJSONObject;
}): React.ReactElement {
  const { label, commands: ids, args = {} } = props;
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
        ids.forEach(command => menu.addItem({ command, args }));
        const { left, bottom } = event.currentTarget.getBoundingClientRect();
        menu.open(left, bottom);
      }}
    />
  );
}
