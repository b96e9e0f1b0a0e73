import type { ITreeNode } from './tree';

/** A visible line of the tree. */
export interface ITreeRow {
  node: ITreeNode;
  /** 1-based depth. */
  level: number;
  /** The id of the node above; null at the top. */
  parent: string | null;
  /** How many siblings there are, and which of them this is, from 1. */
  setSize: number;
  posInSet: number;
  /** Undefined: it has nothing to open. */
  expanded: boolean | undefined;
}

/** What a key does. */
export interface IKeyAction {
  /** The node to focus. */
  focus?: string;
  /** Nodes to open or close. */
  expand?: { ids: string[]; open: boolean };
  /** The node whose default action is wanted. */
  activate?: string;
}

/**
 * The visible lines, from the top.
 *
 * @param nodes - The tree.
 * @param isOpen - Whether a node is open.
 */
export function visibleRows(
  nodes: readonly ITreeNode[],
  isOpen: (node: ITreeNode) => boolean
): ITreeRow[] {
  const rows: ITreeRow[] = [];
  const visit = (
    siblings: readonly ITreeNode[],
    level: number,
    parent: string | null
  ): void => {
    siblings.forEach((node, position) => {
      const expanded = node.children.length ? isOpen(node) : undefined;
      rows.push({
        node,
        level,
        parent,
        setSize: siblings.length,
        posInSet: position + 1,
        expanded
      });
      if (expanded) {
        visit(node.children, level + 1, node.id);
      }
    });
  };
  visit(nodes, 1, null);
  return rows;
}

/**
 * What a key does in the tree, after the ARIA practices for tree views.
 *
 * @param rows - The visible lines.
 * @param focused - The id of the focused line.
 * @param key - As in `KeyboardEvent.key`.
 * @returns Null if the key is not for the tree.
 */
export function keyAction(
  rows: readonly ITreeRow[],
  focused: string,
  key: string
): IKeyAction | null {
  const position = rows.findIndex(row => row.node.id === focused);
  const row = rows[position];
  if (!row) {
    return null;
  }
  switch (key) {
    case 'ArrowDown':
      return focusOn(rows[position + 1]);
    case 'ArrowUp':
      return focusOn(rows[position - 1]);
    case 'Home':
      return focusOn(rows[0]);
    case 'End':
      return focusOn(rows[rows.length - 1]);
    case 'ArrowRight':
      if (row.expanded === false) {
        return { expand: { ids: [focused], open: true } };
      }
      return row.expanded ? focusOn(rows[position + 1]) : {};
    case 'ArrowLeft':
      if (row.expanded) {
        return { expand: { ids: [focused], open: false } };
      }
      return row.parent === null ? {} : { focus: row.parent };
    case 'Enter':
    case ' ':
      return { activate: focused };
    case '*':
      return { expand: { ids: closedSiblings(rows, row), open: true } };
    default:
      return typeAhead(rows, position, key);
  }
}

function focusOn(row: ITreeRow | undefined): IKeyAction {
  return row ? { focus: row.node.id } : {};
}

function closedSiblings(rows: readonly ITreeRow[], row: ITreeRow): string[] {
  return rows
    .filter(other => other.parent === row.parent && other.expanded === false)
    .map(other => other.node.id);
}

/** Go to the next line that begins with a letter, starting over at the top. */
function typeAhead(
  rows: readonly ITreeRow[],
  position: number,
  key: string
): IKeyAction | null {
  if (key.length !== 1) {
    return null;
  }
  const letter = key.toLowerCase();
  const after = [...rows.slice(position + 1), ...rows.slice(0, position)];
  const next = after.find(row =>
    row.node.label
      .toLowerCase()
      .replace(/^\[\d+\] /, '')
      .startsWith(letter)
  );
  return focusOn(next);
}
