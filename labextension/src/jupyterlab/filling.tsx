import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

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
  const dialog = new Dialog({
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
  if (accept) {
    accept.disabled = true;
  }
  // Before the dialog's own listener, which takes Enter for its Cancel.
  dialog.node.addEventListener('keydown', letOpen, true);
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

/** Enter on what opens in the body opens it, as the space bar does. */
function letOpen(event: KeyboardEvent): void {
  const { target } = event;
  if (event.key === 'Enter' && target instanceof Element) {
    if (target.closest('.jp-Dialog-body summary')) {
      event.stopImmediatePropagation();
    }
  }
}

function label(button: HTMLButtonElement, { accept, warns }: IFilling): void {
  button.disabled = false;
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
  }

  fill(content: React.ReactElement): void {
    this._content = content;
    this.update();
  }

  protected override render(): React.ReactElement {
    return (
      this._content ?? (
        <p role="status">
          {this._looking}
          {/* Lab lets nobody go on while there is one of these. */}
          <span className="jp-mod-error" hidden />
        </p>
      )
    );
  }

  private _content: React.ReactElement | null = null;
}
