import { act, fireEvent } from '@testing-library/react';

import { service, status } from '../../../__tests__/services';
import { CommandIDs } from '../../../jupyterlab/commands';
import { open, section, withFailure } from '../../__tests__/openpanel';

describe('checks of a service', () => {
  it('runs the notebooks that check a service', async () => {
    const { executed } = await open(
      withFailure().on('GET services', status([service({ state: 'down' })]))
    );
    const services = section('Services');
    services.getByText(/tap\.ipynb failed .* ago/);
    fireEvent.click(services.getByRole('button', { name: 'Run check' }));
    expect(executed).toEqual([
      [
        CommandIDs.runChecks,
        { repository: 'system-test', paths: ['tap.ipynb'] }
      ]
    ]);
  });

  it('says of a check that was asked for that it starts', async () => {
    const { model } = await open(
      withFailure().on('GET services', status([service({ state: 'down' })]))
    );
    const services = section('Services');
    const during = async (
      paths: string[] | null,
      look: () => void
    ): Promise<void> => {
      const asked = { repository: 'system-test', paths };
      let start: () => void = () => undefined;
      const until = new Promise<void>(resolve => (start = resolve));
      act(() => {
        void model.runs.whileStarting(asked, () => until);
      });
      look();
      await act(async () => {
        start();
        await until;
      });
    };
    for (const paths of [null, ['tap.ipynb']]) {
      await during(paths, () => {
        services.getByText('tap.ipynb is starting');
        const button = services.getByRole('button', { name: 'Starting…' });
        expect(button.getAttribute('aria-disabled')).toBe('true');
        section('Notebooks').getByRole('treeitem', { name: /^tap,.*starting/ });
      });
    }
    for (const paths of [[], ['other.ipynb']]) {
      await during(paths, () => {
        services.getByText(/tap\.ipynb failed .* ago/);
        expect(
          section('Notebooks').queryByRole('treeitem', { name: /starting/ })
        ).toBeNull();
      });
    }
    services.getByRole('button', { name: 'Run check' });
  });
});
