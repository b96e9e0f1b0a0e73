import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Inspection, Operation, Repository } from '../api/generated/api';
import { HealthError } from '../api/request';
import type { IFilling } from '../jupyterlab/filling';
import { askAndFill } from '../jupyterlab/filling';
import type { IHealthModel } from '../model/tokens';
import { choose } from './choice';
import { openDocuments } from './documents';
import { InspectionView } from './inspection';

/** What the dialogs work with. */
export interface IFlowOptions {
  shell: JupyterFrontEnd.IShell;
  documents: IDocumentManager | null;
  model: IHealthModel;
  trans: TranslationBundle;
  /** Whether fresh checkouts get the output filter; on without it. */
  outputFilter?: IChoice;
}

/** What the user chose, and is asked again the next time. */
export interface IChoice {
  get: () => boolean;
  set: (value: boolean) => Promise<void>;
}

/**
 * Let the user choose a repository, if there is a choice.
 *
 * @param id - The choice, if it was made already.
 * @param title - What the choice is for.
 * @returns Null if the user changed their mind.
 */
export async function chooseRepository(
  id: string | undefined,
  { model, trans }: IFlowOptions,
  title = trans.__('Check out')
): Promise<Repository | null> {
  if (!model.repositories.data) {
    await model.repositories.load();
  }
  if (model.repositories.error !== null) {
    throw model.repositories.error;
  }
  const all = model.repositories.data?.repositories ?? [];
  if (id !== undefined) {
    return all.find(repository => repository.id === id) ?? null;
  }
  if (all.length < 2) {
    return all[0] ?? null;
  }
  const chosen = await choose(
    {
      title,
      label: trans.__('Repository'),
      items: all.map(repository => repository.title)
    },
    trans
  );
  return chosen === null ? null : (all[chosen] ?? null);
}

/**
 * Ask, and start a checkout.
 *
 * If the tree changes between the question and the answer, the question is
 * asked again with what is there now.
 *
 * @param ref - A branch or tag; the configured one if undefined.
 * @returns The operation under way; null if the user said no.
 */
export async function checkout(
  repository: Repository,
  options: IFlowOptions,
  ref?: string
): Promise<Operation | null> {
  const { model } = options;
  const title = options.trans.__(
    'Check out %1 (%2)',
    repository.title,
    ref ?? repository.ref
  );
  let look = model.api.inspect(repository.id, ref);
  let changed = false;
  for (;;) {
    const answer = await confirm(repository, title, look, changed, options);
    if (!answer) {
      return null;
    }
    const { inspection, outputFilter } = answer;
    await options.outputFilter
      ?.set(outputFilter)
      // What cannot be remembered still holds for this time.
      .catch(() => undefined);
    try {
      const { fingerprint } = inspection;
      const operation = await model.api.checkout(repository.id, {
        fingerprint,
        ref: ref ?? null,
        output_filter: outputFilter
      });
      model.operations.take(operation);
      return operation;
    } catch (error) {
      if (!(error instanceof HealthError) || error.code !== 'changed') {
        throw error;
      }
      const known = inspectionOf(error.body);
      look = known
        ? Promise.resolve(known)
        : model.api.inspect(repository.id, ref);
      changed = true;
    }
  }
}

/** Ask, while it is still being looked at; null if the user said no. */
async function confirm(
  repository: Repository,
  title: string,
  look: Promise<Inspection>,
  changed: boolean,
  { shell, documents, model, trans, outputFilter }: IFlowOptions
): Promise<{ inspection: Inspection; outputFilter: boolean } | null> {
  const found: { inspection?: Inspection } = {};
  const fill = async (): Promise<IFilling> => {
    const inspection = (found.inspection = await look);
    const unsaved = openDocuments(shell, documents, inspection.directory)
      .filter(open => open.context.model.dirty)
      .map(open => open.name);
    return {
      body: (
        <InspectionView
          inspection={inspection}
          unsaved={unsaved}
          changed={changed}
          compare={path => model.api.difference(repository.id, path)}
          trans={trans}
        />
      ),
      accept: acceptLabel(inspection, trans),
      warns: inspection.at_risk
    };
  };
  const { isAccepted, isChecked } = await askAndFill(
    {
      title,
      looking: trans.__('Looking at what is in %1…', repository.directory),
      checkbox: {
        label: trans.__('Keep outputs out of commits'),
        caption: trans.__(
          'A git filter of the new checkout: your files keep their outputs, what you commit has none.'
        ),
        checked: outputFilter?.get() ?? true
      }
    },
    fill(),
    trans
  );
  const { inspection } = found;
  return isAccepted && inspection
    ? { inspection, outputFilter: isChecked ?? true }
    : null;
}

function acceptLabel(inspection: Inspection, trans: TranslationBundle): string {
  if (inspection.at_risk) {
    return trans.__('Back up and replace');
  }
  return inspection.state === 'absent'
    ? trans.__('Check out')
    : trans.__('Refresh');
}

/** The new inspection that a 409 carries, if it does. */
function inspectionOf(body: unknown): Inspection | null {
  if (typeof body === 'object' && body !== null && 'inspection' in body) {
    return body.inspection as Inspection | null;
  }
  return null;
}
