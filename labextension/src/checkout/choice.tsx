import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useId, useRef } from 'react';

import { namedDialog } from '../jupyterlab/dialogs';
import type { IFilling } from '../jupyterlab/filling';
import { askAndFill } from '../jupyterlab/filling';

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
  const { button, value } = await namedDialog({
    title: question.title,
    body: new Choice(question),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Continue') })
    ],
    focusNodeSelector: 'select'
  }).launch();
  return button.accept ? value : null;
}

/** What is chosen from a list that is still being looked up. */
export interface ILookingQuestion extends Omit<IQuestion, 'items'> {
  /** What is being looked at, in words. */
  looking: string;
}

/**
 * Let the user choose one of a list that is still being looked up.
 *
 * @returns The choice; null if they changed their mind.
 */
export async function chooseOf(
  { title, label, looking }: ILookingQuestion,
  look: Promise<string[]>,
  trans: TranslationBundle
): Promise<string | null> {
  let items: string[] = [];
  let chosen = 0;
  const fill = async (): Promise<IFilling> => {
    items = await look;
    return {
      body: (
        <List
          question={{ title, label, items }}
          takesFocus
          onChange={number => {
            chosen = number;
          }}
        />
      ),
      accept: trans.__('Continue')
    };
  };
  const answer = await askAndFill({ title, looking }, fill(), trans);
  return answer.isAccepted ? (items[chosen] ?? null) : null;
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
  /** Whether it came after the dialog had given its focus away. */
  takesFocus?: boolean;
}): React.ReactElement {
  const { label, items } = props.question;
  const { takesFocus = false } = props;
  const id = useId();
  const list = useRef<HTMLSelectElement>(null);
  useEffect(() => {
    if (takesFocus) {
      list.current?.focus();
    }
  }, [takesFocus]);
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        ref={list}
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
