// What the panel says in every scenario of the sandbox. The scenarios of a
// test share one page: as in a lab, one trouble follows the other.
import { expectAccessible } from '../helpers/axe';
import type { IScenarioCase } from '../helpers/status';
import {
  meet,
  recover,
  shownAsUp,
  statusBarItem,
  verdict
} from '../helpers/status';
import { expect, test } from '../helpers/test';

const NEVER_RED = {
  state: 'up',
  says: [
    /VOSI says available/,
    'TAP_SCHEMA was asked, not the data',
    'answered in',
    /Data not read yet: .* up to 4 requests of your 1000 a minute/,
    /now|ago/
  ]
};

/** By what is in trouble; each list is one visit to the panel. */
const VISITS: Record<string, IScenarioCase[]> = {
  'a data service': [
    {
      scenario: 'healthy',
      rows: {
        tap: NEVER_RED,
        'sia:dp1': { state: 'up', says: ['Needs: Login and tokens, Butler'] },
        'butler:dp1': {
          state: 'up',
          says: ['only its configuration was asked for', 'Docs', 'Evidence']
        },
        sasquatch: { state: 'up' },
        herald: {
          state: 'unknown',
          says: ['a check uses 1 of your 250 requests a minute']
        },
        mobu: { state: 'unmonitored', says: ['only administrators may ask'] }
      },
      panel: ['rsp-sandbox · Weekly 2026_46', /1\d up/, 'Token: expires in'],
      bar: /^RSP: 1\d up$/
    },
    {
      // Queries that hang are told by the doctor; the service itself answers.
      scenario: 'tap-jobs-hang',
      rows: { tap: { state: 'up' }, ssotap: { state: 'up' } },
      bar: /^RSP: 1\d up$/
    },
    {
      scenario: 'tap-queries-fail',
      rows: {
        tap: {
          state: 'degraded',
          says: [
            'a query of dp1.Visit failed: it says: No Qserv worker answers',
            'its probe: VOSI says available'
          ]
        },
        ssotap: { state: 'up', says: ['Data not read yet'] }
      },
      query: ['tap'],
      bar: /^RSP: TAP degraded$/
    },
    {
      scenario: 'tap-down',
      rows: {
        tap: {
          state: 'down',
          says: ['down', 'answered HTTP 503 (3 checks in a row)', /now|ago/]
        },
        ssotap: { state: 'up' }
      },
      panel: [/1 down · 1\d up/],
      bar: /^RSP: TAP down$/
    },
    {
      scenario: 'tap-says-no',
      rows: {
        tap: {
          state: 'degraded',
          says: ['VOSI says not available: Qserv czar is not reachable']
        }
      },
      bar: /^RSP: TAP degraded$/
    },
    {
      scenario: 'sia-says-no',
      // A query that passes ends what the one before it said.
      query: ['tap'],
      rows: {
        tap: { state: 'up', says: [/one row of dp1\.Visit was read in/] },
        'sia:dp1': {
          state: 'degraded',
          says: ['Butler server is not reachable', 'its Butler was asked']
        },
        'sia:dp02': { state: 'degraded' }
      },
      panel: [/2 degraded · 1\d up/],
      bar: /^RSP: SIA dp(1|02) degraded, 1 more$/
    },
    {
      scenario: 'maintenance',
      rows: {
        tap: {
          state: 'maintenance',
          says: ['announced: TAP and SIA are down', 'answered HTTP 503']
        },
        'sia:dp1': { state: 'maintenance' },
        'butler:dp1': { state: 'up' }
      },
      bar: /^RSP: TAP and 3 more in maintenance$/,
      panel: [
        'TAP and SIA are down for maintenance until 17:00 UTC.',
        '1 more announcement',
        '1 message to you',
        'Your query job 1234 was ended by the maintenance.'
      ]
    }
  ],
  'the user or their token': [
    {
      scenario: 'throttled',
      rows: {
        tap: { state: 'up' },
        herald: {
          state: 'throttled',
          says: [
            /until \d\d:\d\d \((1 min|\d+ s)\)/,
            /used up \(HTTP 429\)/,
            /0 of 250 a minute left · resets in (1 min|\d+ s)/
          ]
        }
      },
      probe: ['herald'],
      panel: ['1 throttled']
    },
    {
      scenario: 'blocked',
      rows: {
        'vo-cutouts': {
          state: 'blocked',
          says: ['an administrator set your quota for it to 0']
        }
      },
      panel: ['1 blocked']
    },
    {
      scenario: 'expired-token',
      rows: {
        tap: {
          state: 'restricted',
          says: [
            'your login is not accepted (it answered HTTP 401)',
            'without a login: VOSI says available',
            'Affected by: your login'
          ]
        },
        squareone: { state: 'up' },
        datalinker: {
          state: 'restricted',
          says: ["the lab's token is not accepted (HTTP 401)"]
        },
        portal: {
          state: 'restricted',
          says: ['can be asked with a valid token only']
        }
      },
      probe: ['datalinker'],
      panel: [
        "The platform does not accept this lab's token; restart the lab",
        'Yours to fix.'
      ],
      bar: /^RSP: login not accepted$/
    },
    {
      scenario: 'login-page',
      rows: {
        tap: {
          state: 'restricted',
          says: ['it sends this lab to the login page']
        },
        'times-square': {
          state: 'restricted',
          says: ["sends to the login page; can't tell its state"]
        }
      },
      probe: ['times-square']
    },
    {
      scenario: 'gafaelfawr-down',
      rows: {
        gafaelfawr: {
          state: 'down',
          says: ['answered HTTP 503', 'Needed by: TAP']
        },
        tap: {
          state: 'unknown',
          says: [
            /the service Login and tokens does not work/i,
            'Affected by: Login and tokens',
            'Needs: Login and tokens (down)'
          ]
        },
        'hips:dp1': { state: 'unknown' },
        repertoire: { state: 'unknown' },
        squareone: { state: 'up' }
      },
      panel: [
        /could not be checked( again)?: HTTP 503\./,
        /\d\d need the login service/
      ],
      bar: /^RSP: login service down$/
    }
  ],
  'how much is known': [
    {
      // Ages are counted in this lab, whatever time the platform says it is.
      // After it, answers of now look like those of a cache, until all were
      // asked once more: what follows asks until it sees what it expects.
      scenario: 'clock-skew',
      rows: { tap: { state: 'up', says: [/now|ago/] } },
      bar: /^RSP: 1\d up$/
    },
    {
      scenario: 'slow',
      rows: {
        tap: {
          state: /up|degraded/,
          says: [/VOSI says available, after 4\.\d s/]
        }
      }
    },
    {
      scenario: 'semaphore-down',
      rows: { semaphore: { state: 'down' } },
      panel: ['Announcements could not be read: it answered HTTP 503.']
    },
    {
      scenario: 'drift',
      rows: {
        tap: { state: 'up' },
        livetap: {
          state: 'unknown',
          says: ['nothing is at the address that is known (HTTP 404)']
        }
      }
    },
    {
      scenario: 'discovery-down',
      rows: {
        repertoire: { state: 'down' },
        'hips:dp1': { state: 'down' },
        tap: { state: 'up' }
      },
      panel: ['the platform does not say at present what is deployed']
    },
    {
      scenario: 'everything-down',
      rows: {
        tap: { state: 'down' },
        nublado: { state: 'down' },
        gafaelfawr: { state: 'down' }
      },
      panel: [/1\d down/],
      bar: /^RSP: login service down$/
    },
    {
      scenario: 'unreachable',
      rows: {
        tap: { state: 'unknown', says: ['nothing on the platform answers'] },
        nublado: { state: 'unknown' }
      },
      panel: [
        'Nothing on the platform answers: the cause is more likely this lab',
        /1\d unknown/
      ],
      bar: /^RSP: this lab reaches nothing$/
    }
  ],
  // The full one is the healthy one above.
  'what a site has': [
    {
      scenario: 'usdf',
      rows: {
        tap: { state: 'up' },
        consdbtap: { state: 'up', says: ['TAP (ConsDB)'] },
        semaphore: { state: 'up' }
      },
      without: ['sia:dp1', 'butler:dp1', 'ssotap', 'sasquatch', 'vo-cutouts'],
      panel: ['7 services up', '1 checked on request only']
    },
    {
      scenario: 'minimal',
      rows: {
        nublado: { state: 'up' },
        squareone: { state: 'up' },
        sasquatch: { state: 'up' },
        portal: { state: 'unknown' },
        mobu: { state: 'unmonitored' }
      },
      without: ['tap', 'consdbtap', 'sia:dp1', 'semaphore'],
      panel: ['5 services up'],
      bar: /^RSP: 5 up$/
    },
    {
      scenario: 'empty-discovery',
      rows: {
        nublado: { state: 'up' },
        gafaelfawr: { state: 'up' },
        repertoire: { state: 'up' }
      },
      without: ['tap', 'semaphore', 'portal', 'mobu', 'sasquatch'],
      panel: ['3 services up'],
      bar: /^RSP: 3 up$/
    }
  ]
};

// Each test brings the platform into its own scenarios, so both labs share them.
test.describe.configure({ mode: 'parallel' });

for (const [about, cases] of Object.entries(VISITS)) {
  test(`says what is known of ${about}`, async ({ page, panel, sandbox }) => {
    test.setTimeout(180_000);
    await page.sidebar.setWidth(420);
    await panel.open();
    for (const one of cases) {
      await test.step(one.scenario, async () => {
        await meet(panel, sandbox, one);
      });
    }
    await expectAccessible(page, '#rsp-health-panel');
  });
}

/** What may still be green, and the cause in the panel's first line. */
const CAUSES: [string, RegExp, string[]][] = [
  [
    'expired-token',
    /^Your login is not accepted.* Since \d\d:\d\d UTC\.Yours to fix\./,
    ['repertoire', 'sasquatch', 'semaphore', 'squareone']
  ],
  [
    'login-page',
    /^Your login is not accepted: .* sends this lab to the login page/,
    ['repertoire', 'sasquatch', 'semaphore', 'squareone']
  ],
  [
    'gafaelfawr-down',
    /^The service Login and tokens does not work \(.*503.*\)\. \d\d services that need it/,
    ['sasquatch', 'semaphore', 'squareone']
  ],
  [
    'maintenance',
    /^Announced: TAP and SIA are down for maintenance until 17:00 UTC/,
    [
      'butler:dp02',
      'butler:dp1',
      'gafaelfawr',
      'hips:dp02',
      'hips:dp1',
      'nublado',
      'repertoire',
      'sasquatch',
      'semaphore',
      'squareone'
    ]
  ]
];

/** Asked by a click only: what another test's click found holds for minutes. */
const ON_REQUEST = [
  'datalinker',
  'ghostwriter',
  'herald',
  'noteburst',
  'portal',
  'times-square',
  'vo-cutouts'
];

test('names the cause within 15 s, and nothing that it breaks is green', async ({
  page,
  panel,
  sandbox
}, info) => {
  test.setTimeout(180_000);
  await page.sidebar.setWidth(420);
  await panel.open();
  for (const [scenario, first, green] of CAUSES) {
    await test.step(scenario, async () => {
      await recover(panel, sandbox);
      await sandbox.setScenario(scenario);
      await expect(async () => {
        if (scenario === 'maintenance') {
          // That a service fails is found by its next probe: be that now.
          await panel.refresh();
        }
        await expect(verdict(panel)).toHaveText(first, { timeout: 300 });
        let up = await shownAsUp(panel);
        if (scenario === 'maintenance') {
          // The others break them too.
          up = up.filter(id => !ON_REQUEST.includes(id));
        }
        expect(up.sort()).toEqual(green);
      }).toPass({ timeout: 15_000, intervals: [300] });
      await expect(statusBarItem(panel)).toHaveAttribute('title', /\.\n/);
      await info.attach(scenario, {
        body: await panel.root.screenshot(),
        contentType: 'image/png'
      });
    });
  }
  await recover(panel, sandbox);
});

test('has a case for every scenario of the sandbox', async ({ sandbox }) => {
  const met = Object.values(VISITS)
    .flat()
    .map(({ scenario }) => scenario);
  // The hostile one has a file of its own.
  const known = await sandbox.scenarios();
  expect(known.filter(name => !met.includes(name))).toEqual(['hostile']);
});
