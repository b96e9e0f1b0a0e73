import { readFileSync } from 'fs';

import { Widget } from '@lumino/widgets';
import { act } from '@testing-library/react';

import { platform } from '../../__tests__/platform';
import { settle } from '../../__tests__/server';
import { service, status, verdict } from '../../__tests__/services';
import { trans } from '../../__tests__/strings';
import type { PlatformVerdict, StatusDocument } from '../../api/generated/api';
import { VERDICT_STATES } from '../../api/generated/states';
import type { HealthModel } from '../../model/model';
import { StatusItem } from '../../status/statusitem';
import { summarise } from '../../status/summary';
import { open } from './openpanel';

/** What a server said, and when a reader of the test met it. */
interface IMet {
  name: string;
  document: StatusDocument;
}

const STATES = Object.keys(VERDICT_STATES) as PlatformVerdict['state'][];

/**
 * What is met: one document for each state of the verdict or, in the lines of
 * a file, what `python -m tests.faults.verdicts` was told by real services.
 */
function met(): IMet[] {
  const path = process.env.RSP_HEALTH_DOCUMENTS;
  if (path !== undefined) {
    return readFileSync(path, 'utf-8')
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line) as IMet);
  }
  const rows = [service({ state: 'degraded' }), service({ id: 'b' })];
  return STATES.map(state => ({
    name: state,
    document: status(rows, {
      verdict: verdict({
        state,
        word: 'in short',
        told: `What is known of ${state}. Since 14:02 UTC.`,
        advice: 'For X to fix. Wait, or tell X.'
      })
    })
  }));
}

/** What stands on each surface beside what was said, where they differ. */
function unequal(
  { document: said }: IMet,
  model: HealthModel,
  item: StatusItem
): string[] {
  const { state, told, advice, word } = said.verdict;
  const wanted = [told, advice].filter(Boolean);
  const shown = (lines: (string | null)[]): string => lines.join(' | ');
  const head = document.querySelector('.jp-RSPHealth-verdict');
  const button = item.node.querySelector('button');
  const parts: [string, string, string][] = [
    [
      'panel',
      shown([...(head?.querySelectorAll('p') ?? [])].map(p => p.textContent)),
      shown(wanted)
    ],
    ['panel, state', head?.getAttribute('data-state') ?? '', state],
    ['status bar', button?.textContent ?? '', `RSP: ${word}`],
    [
      'tooltip',
      shown((button?.title ?? '').split('\n').slice(0, wanted.length)),
      shown(wanted)
    ],
    [
      'summary',
      shown(
        summarise(model, trans)
          .split('\n')
          .slice(1, 1 + wanted.length)
      ),
      shown(wanted)
    ],
    [
      'green',
      String(button?.classList.contains('jp-mod-good')),
      String(state === 'well')
    ],
    [
      'services that are up',
      document.querySelector('[data-rsp-health-section="services"] h3')
        ?.textContent ?? '',
      ''
    ]
  ];
  const up = said.services.filter(row => row.state === 'up').length;
  const count = / ?(\d+) up$/.exec(parts.pop()?.[1] ?? '')?.[1];
  parts.push(['services that are up', count ?? '', String(up)]);
  return parts
    .filter(([, is, must]) => is !== must)
    .map(([surface, is, must]) => `${surface}: ${is}\n  instead of: ${must}`);
}

test('panel, status bar, tooltip and summary tell the same sentence', async () => {
  const documents = met();
  const server = platform();
  const { model } = await open(server);
  const item = new StatusItem({ model, trans, onClick: () => undefined });
  await act(async () => {
    Widget.attach(item, document.body);
    await settle();
  });
  const wrong: string[] = [];
  for (const one of documents) {
    // Asked now and then, the server says nothing else.
    server.on('GET services', one.document);
    await act(async () => {
      await model.status.load();
      await settle();
    });
    wrong.push(
      ...unequal(one, model, item).map(text => `${one.name}: ${text}`)
    );
  }
  act(() => {
    item.dispose();
  });
  expect(documents.length).toBeGreaterThan(0);
  expect(wrong).toEqual([]);
}, 3_600_000);
