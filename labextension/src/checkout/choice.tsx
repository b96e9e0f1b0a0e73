import { Dialog, ReactWidget, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId } from 'react';

/** A question with a list of answers. */
export interface IQuestion {
  title: string;
  /** What is chosen. */
  label: string;
  items: string[];
}

/**
 * Let the user choose one of a list.
 *
 * Lab's own `InputDialog.getItem` does not tie its label to the list, so a
 * screen reader reads out a list without a name.
 *
 * @returns The number of the choice; null if they changed their mind.
 */
export async function choose(
  question: IQuestion,
  trans: TranslationBundle
): Promise<number | null> {
  const { button, value } = await showDialog({
    title: question.title,
    body: new Choice(question),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Continue') })
    ],
    focusNodeSelector: 'select'
  });
  return button.accept ? value : null;
}

class Choice extends ReactWidget implements Dialog.IBodyWidget<number> {
  constructor(question: IQuestion) {
    super();
    this._question = question;
  }

  getValue(): number {
    return this._chosen;
  }

  protected render(): React.ReactElement {
    return (
      <List
        question={this._question}
        onChange={chosen => {
          this._chosen = chosen;
        }}
      />
    );
  }

  private _chosen = 0;
  private readonly _question: IQuestion;
}

function List(props: {
  question: IQuestion;
  onChange: (chosen: number) => void;
}): React.ReactElement {
  const { label, items } = props.question;
  const id = useId();
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="jp-mod-styled"
        onChange={event => {
          props.onChange(event.currentTarget.selectedIndex);
        }}
      >
        {items.map((item, index) => (
          <option key={index}>{item}</option>
        ))}
      </select>
    </>
  );
}
