import { Clipboard } from '@jupyterlab/apputils';
import { act, fireEvent, waitFor, within } from '@testing-library/react';

import { fault, finding, report } from '../../__tests__/doctor';
import { platform } from '../../__tests__/platform';
import type { FakeServer } from '../../__tests__/server';
import { refusal, settle } from '../../__tests__/server';
import type { HealthAPI } from '../../api/api';
import { open, section } from './openpanel';

jest.mock('../troubleshoot/look', () => ({
  lookAgain: (api: HealthAPI, symptom: string) =>
    api.doctor(symptom, { websocket: 'opened', took_s: 0 })
}));

const LOOK = 'GET doctor?websocket=opened&took_s=0.000';

const BUNDLE = {
  schema: 'rsp-health.bundle/1',
  flavour: 'public',
  path: null,
  size_bytes: 900,
  files: [
    {
      name: 'findings.json',
      about: 'what each check found',
      size_bytes: 500,
      sha256: 'aa',
      redactions: 2
    }
  ],
  omissions: [{ name: 'runs.json', reason: 'there is nothing to tell' }],
  forum: null,
  support: null,
  summary: '## What is wrong\n\nYour home is full.\n',
  texts: { 'findings.json': '{"state": "[secret]"}' }
};

/** Open the section on a server that has found something. */
async function troubleshoot(
  server: FakeServer
): Promise<ReturnType<typeof section>> {
  await open(server);
  const doctor = section('Troubleshoot');
  await act(async () => {
    fireEvent.click(doctor.getByRole('button', { name: /^Troubleshoot/ }));
    await settle();
    await settle();
  });
  return doctor;
}

/** The dialog that is open, once a button of it can be pressed. */
async function press(label: string): Promise<string> {
  const button = await waitFor(() => {
    const found = [
      ...document.querySelectorAll<HTMLButtonElement>('.jp-Dialog button')
    ].find(({ textContent, disabled }) => textContent === label && !disabled);
    if (!found) {
      throw new Error(`There is no ${label}.`);
    }
    return found;
  });
  const text = button.closest('.jp-Dialog')?.textContent ?? '';
  await click(button);
  return text;
}

async function click(button: HTMLElement): Promise<void> {
  await act(async () => {
    fireEvent.click(button);
    await settle();
    await settle();
  });
}

describe('troubleshoot', () => {
  it('asks nothing before it is opened', async () => {
    const server = platform().on(LOOK, report([]));
    await open(server);
    expect(server.count(LOOK)).toBe(0);
  });

  it('says whose it is and what to do, and then what was seen', async () => {
    const doctor = await troubleshoot(
      platform().on(
        LOOK,
        report([
          fault(),
          finding({ check: 'token', title: 'Your login' }),
          finding({
            check: 'net.path',
            title: 'Way',
            state: 'cannot_tell',
            sentence: 'No answer.',
            evidence: []
          })
        ])
      )
    );
    expect(doctor.getAllByText('Your home is full.')).toHaveLength(2);
    expect(doctor.getAllByText('Whose: your environment')).toHaveLength(2);
    doctor.getByText('statvfs: 20 GB');
    doctor.getByRole('button', { name: 'Way cannot tell' });
    fireEvent.click(
      doctor.getByRole('button', { name: '1 check found nothing wrong' })
    );
    doctor.getByText('Your login:');
  });

  it('walks the playbook of what is noticed', async () => {
    const found = fault();
    const doctor = await troubleshoot(
      platform()
        .on(LOOK, report([finding()]))
        .on(
          `${LOOK}&symptom=cannot-save`,
          report([found], {
            playbook: {
              id: 'cannot-save',
              title: 'I cannot save',
              steps: [
                {
                  check: 'home.space',
                  title: 'Space',
                  outcome: 'cause',
                  says: 'Your home is full, so it is.'
                },
                {
                  check: 'identity',
                  title: 'You',
                  outcome: 'ruled_out',
                  says: 'Your home is yours.'
                }
              ],
              causes: ['home.space'],
              verdict: report([found]).verdict,
              then: 'Save again.'
            }
          })
        )
    );
    await act(async () => {
      fireEvent.change(doctor.getByLabelText('What do you notice?'), {
        target: { value: 'cannot-save' }
      });
      await settle();
    });
    const steps = within(doctor.getByRole('region', { name: 'I cannot save' }));
    expect(steps.getAllByRole('listitem').map(li => li.textContent)).toEqual([
      'A cause: Your home is full, so it is.',
      'Ruled out: Your home is yours.'
    ]);
    doctor.getByText('Then: Save again.');
  });

  it('shows what a fix moves before, and the way back after', async () => {
    const moves = [{ source: '/h/.local', target: '/h/.user_env/local' }];
    const repair = (state: string): object => ({
      schema: 'rsp-health.doctor-fix/1',
      id: '20261122010203',
      check: 'python.shadow',
      state,
      moves: moves.map(move => ({ ...move, problem: '' }))
    });
    let state = 'planned';
    const server = platform()
      .on(
        LOOK,
        report([
          fault({ check: 'python.shadow', fix: { title: 'Move it aside' } })
        ])
      )
      .on('POST doctor/fixes/python.shadow', () => repair(state))
      .on('POST doctor/undo', repair('undone'));
    const doctor = await troubleshoot(server);
    await click(doctor.getByRole('button', { name: 'Move it aside…' }));
    doctor.getByText(/\/h\/\.local → \/h\/\.user_env\/local/);
    state = 'done';
    await click(doctor.getByRole('button', { name: 'Move it' }));
    await click(doctor.getByRole('button', { name: 'Put it back' }));
    expect(server.bodies.slice(-3)).toEqual([
      { dry_run: true },
      { dry_run: false },
      { id: '20261122010203' }
    ]);
  });

  it('tells where the log is, and what a lab cannot read', async () => {
    const server = platform()
      .on(LOOK, report([]))
      .on('GET doctor/logs', {
        schema: 'rsp-health.doctor-logs/1',
        places: [
          {
            title: "The site's logs",
            place: 'https://logs.example.org/?q=1',
            reason: 'What the service itself wrote.',
            state: 'elsewhere'
          },
          {
            title: 'Log of this Jupyter server',
            place: '',
            reason: 'A lab cannot read it.',
            state: 'elsewhere'
          }
        ]
      });
    const doctor = await troubleshoot(server);
    await click(doctor.getByRole('button', { name: 'Where is the log?' }));
    const list = within(
      doctor.getByRole('list', { name: 'Where is the log?' })
    );
    expect(list.getAllByRole('listitem')).toHaveLength(2);
    expect(list.getAllByRole('link')).toHaveLength(1);
    list.getByText(/A lab cannot read it\./);
  });

  it('lets a post be read before it is copied', async () => {
    const copied = jest
      .spyOn(Clipboard, 'copyToSystem')
      .mockImplementation(() => undefined);
    const doctor = await troubleshoot(
      platform().on(LOOK, report([])).on('POST doctor/bundle', BUNDLE)
    );
    await click(doctor.getByRole('button', { name: 'Copy for a forum…' }));
    expect(copied).not.toHaveBeenCalled();
    expect(await press('Copy')).toContain('Your home is full.');
    expect(copied).toHaveBeenCalledWith(BUNDLE.summary);
  });

  it('shows every file of a bundle before it is made', async () => {
    const server = platform()
      .on(LOOK, report([]))
      .on('POST doctor/bundle', () =>
        server.bodies.length > 1
          ? {
              ...BUNDLE,
              path: '/home/me/b.zip',
              texts: {},
              forum: 'https://forum.example.org/'
            }
          : BUNDLE
      );
    const doctor = await troubleshoot(server);
    await click(doctor.getByRole('button', { name: 'Bundle for a forum…' }));
    const shown = await press('Make it');
    expect(shown).toContain('findings.json');
    expect(shown).toContain('{"state": "[secret]"}');
    expect(shown).toContain('runs.json: there is nothing to tell');
    expect(server.bodies).toEqual([
      { flavour: 'public', preview: true },
      { flavour: 'public', preview: false }
    ]);
    doctor.getByText(/^Made \/home\/me\/b\.zip\. Nothing was sent\./);
    doctor.getByRole('link', { name: "The site's forum" });
  });

  it('says why nothing was found out', async () => {
    const doctor = await troubleshoot(
      platform().on(LOOK, refusal(422, 'doctor_failed'))
    );
    doctor.getByText(/About doctor_failed\./);
  });
});
