import {
  caretDownIcon,
  caretRightIcon,
  notebookIcon,
  runIcon
} from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { StateLabel } from '../../components/StateLabel';
import { MiddleCut } from '../../components/MiddleCut';
import { IconButton } from '../../components/buttons';
import { useHealth } from '../../components/context';
import { CommandIDs } from '../../jupyterlab/commands';
import { isActive } from '../../model/runs';
import type { IStateLook } from '../../states/states';
import { isProblem, runLook } from '../../states/states';
import { formatDuration, formatMoment, visible } from '../../text/format';
import { WhyButton } from '../WhyButton';
import { CellError } from './CellError';
import { CellOutput } from './CellOutput';
import { Marks, UsualBar } from './Past';
import type { ITreeRow } from './keyboard';
import type { ITreeNode } from './tree';
import { isForced, pathsOf } from './tree';

/** One line of the tree; below it, what there is to say of it. */
export function TreeRow(props: {
  row: ITreeRow;
  /** Whether the tree is of one run, not of a checkout. */
  isPast: boolean;
  /** Whether it was asked for, and is not known to have started. */
  isAsked: boolean;
  /** Whether Lab was asked to open it, and has not shown it yet. */
  isOpening: boolean;
  isFocused: boolean;
  onFocus: (id: string) => void;
  onActivate: (node: ITreeNode) => void;
}): React.ReactElement {
  const { row, isAsked, isOpening, isFocused, onFocus, onActivate } = props;
  const { trans } = useHealth();
  const { node, level, expanded } = row;
  const caret = expanded ? caretDownIcon : caretRightIcon;
  const reason = reasonOf(row);
  const stale = staleness(node, trans);
  const look = lookOf(node, isAsked, isOpening, trans);
  const hasOnlyName = !look && !hasFigures(node);
  return (
    <div
      role="treeitem"
      className={`jp-RSPHealth-node jp-mod-${node.kind}`}
      aria-level={level}
      aria-setsize={row.setSize}
      aria-posinset={row.posInSet}
      aria-expanded={expanded}
      aria-selected={isFocused}
      aria-busy={isOpening}
      aria-label={spoken(node, look, [stale, reason], trans)}
      tabIndex={isFocused ? 0 : -1}
      data-node={node.id}
      data-state={node.state ?? 'none'}
      // The repository's own line takes no room from those below it.
      style={
        {
          '--rsp-level': props.isPast ? level : Math.max(1, level - 1)
        } as React.CSSProperties
      }
      onFocus={() => {
        onFocus(node.id);
      }}
    >
      <div
        className="jp-RSPHealth-nodeLine"
        onMouseDown={focusInPlace}
        onClick={() => {
          onActivate(node);
        }}
      >
        <span className="jp-RSPHealth-caretPlace">
          {expanded !== undefined && (
            <caret.react tag="span" className="jp-RSPHealth-caret" />
          )}
        </span>
        <MiddleCut
          className={`jp-RSPHealth-nodeName${hasOnlyName ? ' jp-mod-alone' : ''}`}
          text={node.label}
        />
        <span className="jp-RSPHealth-nodeState">
          {look && <StateLabel look={look} />}
        </span>
        {node.kind === 'notebook' && <Marks recent={node.recent} />}
        <Duration node={node} />
        <span
          className="jp-RSPHealth-nodeActions"
          onClick={event => {
            event.stopPropagation();
          }}
        >
          {props.isPast ? (
            <CopyButton node={node} isFocused={isFocused} />
          ) : (
            <RunButton node={node} isAsked={isAsked} isFocused={isFocused} />
          )}
        </span>
      </div>
      {stale && <p className="jp-RSPHealth-reason">{stale}</p>}
      {reason && <p className="jp-RSPHealth-reason">{reason}</p>}
      {node.kind === 'notebook' &&
        node.result?.notes.map(note => (
          <p key={note} className="jp-RSPHealth-reason">
            {note}
          </p>
        ))}
      {node.kind === 'notebook' &&
        node.run &&
        node.state !== null &&
        !expanded &&
        isProblem(node.state) && (
          <div className="jp-RSPHealth-cellError">
            <WhyButton
              about={node.label}
              args={{ run: node.run.run_id, notebook: node.path }}
            />
          </div>
        )}
      {node.kind === 'cell' && <CellOutput cell={node.cell} />}
      {node.kind === 'cell' && <CellError node={node} isFocused={isFocused} />}
    </div>
  );
}

/**
 * Focus the line without scrolling it into view: a line that moves between
 * press and release would miss its click.
 */
function focusInPlace(event: React.MouseEvent<HTMLElement>): void {
  if (event.button === 0) {
    event.preventDefault();
    event.currentTarget.parentElement?.focus({ preventScroll: true });
  }
}

/** Why a notebook ended as it did, unless the cells below it say so. */
function reasonOf({ node, expanded }: ITreeRow): string | null {
  if (node.kind !== 'notebook') {
    return null;
  }
  const isTold = expanded && node.result?.cells.some(cell => cell.error);
  return isTold ? null : node.reason;
}

/** Says that a result is not about the notebook as it is now. */
function staleness(node: ITreeNode, trans: TranslationBundle): string | null {
  const startedAt = node.kind === 'notebook' && node.result?.started_at;
  return startedAt && node.isStale
    ? trans.__('Changed since it was run at %1', formatMoment(startedAt))
    : null;
}

/** What a screen reader says of a line. */
function spoken(
  node: ITreeNode,
  look: IStateLook | null,
  reasons: (string | null)[],
  trans: TranslationBundle
): string {
  const parts = [node.label];
  if (look) {
    parts.push(look.word);
  }
  if (node.durationS !== null) {
    parts.push(formatDuration(node.durationS, trans));
  }
  return [...parts, ...reasons].filter(Boolean).join(', ');
}

/** What is shown of a line: first what the user has just asked for. */
function lookOf(
  node: ITreeNode,
  isAsked: boolean,
  isOpening: boolean,
  trans: TranslationBundle
): IStateLook | null {
  if (isAsked || isOpening) {
    const word = isAsked ? trans.__('starting…') : trans.__('opening…');
    return { ...runLook('queued', trans), word };
  }
  return node.state === null ? null : runLook(node.state, trans);
}

/** Whether a line has marks of earlier runs, or a time. */
function hasFigures(node: ITreeNode): boolean {
  return (
    node.durationS !== null ||
    (node.kind === 'notebook' &&
      (node.expectedS !== null || node.recent.length > 0))
  );
}

/** What a line is called where its folder is not told above it. */
function whole(node: ITreeNode): string {
  return node.kind === 'notebook' ? visible(node.path) : node.label;
}

/** How long it took or, before its end, when it last passed. */
function Duration(props: { node: ITreeNode }): React.ReactElement {
  const { trans } = useHealth();
  const { node } = props;
  const expected = node.kind === 'notebook' ? node.expectedS : null;
  if (node.durationS === null && expected !== null) {
    const text = formatDuration(expected, trans);
    return (
      <span
        className="jp-RSPHealth-duration"
        title={trans.__('It took %1 when it last passed', text)}
      >
        ~{text}
      </span>
    );
  }
  return (
    <span className="jp-RSPHealth-duration">
      {formatDuration(node.durationS, trans)}
      {node.kind === 'notebook' && <UsualBar usual={node.usual} />}
    </span>
  );
}

/** Opens a notebook as it was run. */
function CopyButton(props: {
  node: ITreeNode;
  isFocused: boolean;
}): React.ReactElement | null {
  const { trans, execute } = useHealth();
  const { node, isFocused } = props;
  if (node.kind !== 'notebook' || !node.run || !node.result?.executed_path) {
    return null;
  }
  const { path } = node;
  const run = node.run.run_id;
  return (
    <IconButton
      icon={notebookIcon}
      label={trans.__('Executed copy of %1', whole(node))}
      tabbable={isFocused}
      onClick={() =>
        execute(CommandIDs.openExecutedCopy, { run, notebook: path })
      }
    />
  );
}

/** Runs one notebook, or those of an application or the repository. */
function RunButton(props: {
  node: ITreeNode;
  isAsked: boolean;
  isFocused: boolean;
}): React.ReactElement | null {
  const { model, trans, execute } = useHealth();
  const { node, isAsked } = props;
  const repository = model.selected;
  if (node.kind === 'cell' || !repository) {
    return null;
  }
  const forced = isForced(node);
  const isBusy = isAsked || (node.state !== null && isActive(node.state));
  return (
    <IconButton
      icon={runIcon}
      label={
        forced
          ? trans.__('Run %1 all the same', whole(node))
          : trans.__('Run %1', whole(node))
      }
      disabled={isBusy}
      tabbable={props.isFocused}
      onClick={() =>
        execute(CommandIDs.runChecks, {
          repository: repository.id,
          // Of the repository, what its rules select.
          paths: node.kind === 'repository' ? [] : pathsOf(node),
          all: forced && node.kind !== 'repository'
        })
      }
    />
  );
}
