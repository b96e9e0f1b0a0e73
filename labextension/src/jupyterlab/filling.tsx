import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { namedDialog } from './dialogs';

/** What a dialog shows once it is known. */
export interface IFilling {
  body: React.ReactElement;
  /** What the button says that goes on. */
  accept: string;
  /** Whether that takes something away. */
  warns?: boolean;
}

/** The question, as far as it is known at once. */
export interface IQuestionToFill {
  title: string;
  /** What is being looked at, in words. */
  looking: string;
  checkbox?: Partial<Dialog.ICheckbox>;
}

/** The user's word. */
export interface IAnswer {
  isAccepted: boolean;
  isChecked: boolean | null;
}

/**
 * Ask a question whose text is still being looked up: the dialog opens at
 * once, can be cancelled, and fills. Nothing can be agreed to before.
 *
 * @param question - What is known of it.
 * @param look - Looks up the rest; null: there is nothing to ask.
 * @param trans - The translations.
 * @returns The answer; not accepted where there was nothing to ask.
 * @throws What the look-up failed with; the dialog is closed then.
 */
export async function askAndFill(
  question: IQuestionToFill,
  look: Promise<IFilling | null>,
  trans: TranslationBundle
): Promise<IAnswer> {
  const body = new Body(question.looking);
  const dialog = namedDialog({
    title: question.title,
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Continue') })
    ],
    checkbox: question.checkbox ?? null,
    // Enter must never replace or remove anything by itself.
    defaultButton: 0
  });
  const accept =
    dialog.node.querySelectorAll<HTMLButtonElement>('.jp-Dialog-button')[1];
  // It can have the focus, so that nobody loses it when it comes to life.
  accept?.setAttribute('aria-disabled', 'true');
  const isEarly = (event: Event): boolean =>
    accept?.getAttribute('aria-disabled') === 'true' &&
    event.target instanceof Node &&
    accept.contains(event.target);
  // Before the dialog's own listeners, which take a click, and Enter.
  const listener = (event: Event): void => {
    if (isEarly(event) && !onlyMoves(event)) {
      event.stopImmediatePropagation();
      event.preventDefault();
    } else if (opens(event)) {
      event.stopImmediatePropagation();
    }
  };
  dialog.node.addEventListener('click', listener, true);
  dialog.node.addEventListener('keydown', listener, true);
  let failure: unknown = null;
  void look
    .then(filling => {
      if (dialog.isDisposed) {
        return;
      }
      if (!filling) {
        dialog.reject();
        return;
      }
      body.fill(filling.body);
      if (accept) {
        label(accept, filling);
      }
    })
    .catch((error: unknown) => {
      failure = { error };
      dialog.reject();
    });
  const { button, isChecked } = await dialog.launch();
  if (failure !== null) {
    throw (failure as { error: unknown }).error;
  }
  return { isAccepted: button.accept, isChecked };
}

/** Whether a key only moves the focus, or leaves the dialog. */
function onlyMoves(event: Event): boolean {
  return event instanceof KeyboardEvent && !['Enter', ' '].includes(event.key);
}

/** Whether it is Enter on what opens in the body, as the space bar does. */
function opens(event: Event): boolean {
  return (
    event instanceof KeyboardEvent &&
    event.key === 'Enter' &&
    event.target instanceof Element &&
    event.target.closest('.jp-Dialog-body summary') !== null
  );
}

function label(button: HTMLButtonElement, { accept, warns }: IFilling): void {
  button.removeAttribute('aria-disabled');
  button.classList.toggle('jp-mod-accept', !warns);
  button.classList.toggle('jp-mod-warn', warns === true);
  const text = button.querySelector('.jp-Dialog-buttonLabel');
  if (text) {
    text.textContent = accept;
    // Lab gives it one of its own, which a screen reader reads instead.
    text.setAttribute('aria-label', accept);
  }
}

class Body extends ReactWidget {
  constructor(private readonly _looking: string) {
    super();
    this.addClass('jp-RSPHealth-filling');
    // From the last button Tab goes on with what could have the focus first
    // when the dialog opened: this, not what stands after it.
    this.node.tabIndex = -1;
  }

  fill(content: React.ReactElement): void {
    this._content = content;
    this.update();
  }

  protected override render(): React.ReactElement {
    return this._content ?? <p role="status">{this._looking}</p>;
  }

  private _content: React.ReactElement | null = null;
}
