import React, { useRef, useState } from 'react';

import { useHealth } from '../../components/context';
import { useSignals } from '../../components/hooks';
import { painted } from '../../components/painted';
import { CommandIDs } from '../../jupyterlab/commands';
import type { IAskedRun } from '../../model/runs';
import { TreeRow } from './TreeRow';
import type { IKeyAction } from './keyboard';
import { keyAction, visibleRows } from './keyboard';
import { cellArgs } from './target';
import type { ITreeNode } from './tree';
import { isAskedFor, isInitiallyOpen } from './tree';

/** The tree repository ▸ application ▸ notebook ▸ cell. */
export function Tree(props: {
  nodes: ITreeNode[];
  label: string;
  /** Whether it is of one run, not of a checkout. */
  isPast?: boolean;
  /** What was asked for, and is not known to have started. */
  asked?: readonly IAskedRun[];
}): React.ReactElement {
  const { nodes, label, isPast = false, asked = [] } = props;
  const { panelState, model, execute } = useHealth();
  useSignals(panelState.changed);
  const tree = useRef<HTMLDivElement>(null);
  const [wanted, setWanted] = useState<string | null>(null);
  const [opening, setOpening] = useState<readonly string[]>([]);
  const isOpen = (node: ITreeNode): boolean =>
    panelState.isOpen(node.id, isInitiallyOpen(node));
  const rows = visibleRows(nodes, isOpen);
  // One line is in the tab order: the last focused, else the first.
  const focused = rows.some(row => row.node.id === wanted)
    ? wanted
    : (rows[0]?.node.id ?? null);

  const activate = (node: ITreeNode): void => {
    if (node.children.length) {
      panelState.toggle(node.id, isInitiallyOpen(node));
    } else {
      const args = cellArgs(node, model);
      if (args) {
        // Lab shows a notebook when it has read it, which may take a while.
        setOpening(before => [...before, node.id]);
        const end = (): void => {
          setOpening(before => before.filter(id => id !== node.id));
        };
        painted()
          .then(() => execute(CommandIDs.openAtCell, args))
          .then(end, end);
      }
    }
  };
  const apply = (action: IKeyAction): void => {
    const { focus, expand } = action;
    if (focus !== undefined) {
      setWanted(focus);
      const selector = `[data-node="${CSS.escape(focus)}"]`;
      tree.current?.querySelector<HTMLElement>(selector)?.focus();
    }
    if (expand) {
      panelState.set(expand.ids, expand.open);
    }
    const row = rows.find(candidate => candidate.node.id === action.activate);
    if (row) {
      activate(row.node);
    }
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const isOurs =
      event.target instanceof HTMLElement &&
      event.target.getAttribute('role') === 'treeitem';
    if (!isOurs || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const action =
      focused === null ? null : keyAction(rows, focused, event.key);
    if (action) {
      event.preventDefault();
      event.stopPropagation();
      apply(action);
    }
  };
  return (
    <div
      ref={tree}
      className="jp-RSPHealth-tree"
      role="tree"
      aria-label={label}
      onKeyDown={onKeyDown}
    >
      {rows.map(row => (
        <TreeRow
          key={row.node.id}
          row={row}
          isPast={isPast}
          isAsked={isAskedFor(row.node, asked)}
          isOpening={opening.includes(row.node.id)}
          isFocused={row.node.id === focused}
          onFocus={setWanted}
          onActivate={activate}
        />
      ))}
    </div>
  );
}
