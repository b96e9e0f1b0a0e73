// The page Runs over time, opened and read by keyboard alone.
import { expectAccessible } from '../helpers/axe';
import { placeCheckout, removeRuns, runChecks } from '../helpers/notebooks';
import { expect, test } from '../helpers/test';

test('tells the figures of its charts in tables, by keyboard', async ({
  page,
  panel
}) => {
  removeRuns();
  placeCheckout({
    'good.ipynb': { one: 'first = 1', two: 'first + 1' },
    'bad.ipynb': { one: '1 / 0' }
  });
  runChecks();
  await panel.open();
  const open = panel.section('Runs').getByRole('button', {
    name: 'Runs over time'
  });
  await open.focus();
  await page.keyboard.press('Enter');

  const over = page.locator('#rsp-health-runs-page');
  const tab = over.getByRole('tab', { name: 'Notebooks over runs' });
  await expect(tab).toBeFocused();
  const results = over.getByRole('table', { name: /^Notebooks and their/ });
  const good = results.getByRole('row', { name: /good/ });
  await expect(good.getByRole('cell').last()).toHaveText(/passed.*\d/);
  const bad = results.getByRole('row', { name: /bad/ });
  await expect(bad.getByRole('cell').last()).toContainText('failed');

  // Its name leads to its cells; the tab has the focus then.
  await good.getByRole('button').focus();
  await page.keyboard.press('Enter');
  await expect(
    over.getByRole('tab', { name: 'Cells of a notebook' })
  ).toBeFocused();
  const cells = over.getByRole('table', { name: /^Cells and their/ });
  await expect(cells.getByRole('row', { name: /first \+ 1/ })).toContainText(
    /\d/
  );
  await expectAccessible(page, '#rsp-health-runs-page');

  await page.keyboard.press('ArrowRight');
  await expect(over.getByText(/needs two runs that have ended/)).toBeVisible();
});
