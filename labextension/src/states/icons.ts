import { LabIcon } from '@jupyterlab/ui-components';

import badSvg from '../../style/icons/bad.svg';
import diedSvg from '../../style/icons/died.svg';
import goodSvg from '../../style/icons/good.svg';
import healthSvg from '../../style/icons/health.svg';
import infoSvg from '../../style/icons/info.svg';
import lockedSvg from '../../style/icons/locked.svg';
import maintenanceSvg from '../../style/icons/maintenance.svg';
import noneSvg from '../../style/icons/none.svg';
import notRunSvg from '../../style/icons/not-run.svg';
import pausedSvg from '../../style/icons/paused.svg';
import queuedSvg from '../../style/icons/queued.svg';
import runningSvg from '../../style/icons/running.svg';
import stoppedSvg from '../../style/icons/stopped.svg';
import timedOutSvg from '../../style/icons/timed-out.svg';
import unknownSvg from '../../style/icons/unknown.svg';
import warnSvg from '../../style/icons/warn.svg';
import type { StateIcon } from '../api/generated/states';

/** The icon of RSP Health: sidebar, menu, status bar. */
export const healthIcon = new LabIcon({
  name: 'rsp-health:health',
  svgstr: healthSvg
});

/** One shape for each kind of state: the shape alone tells them apart. */
export const stateIcons: Record<StateIcon | 'info', LabIcon> = {
  good: new LabIcon({ name: 'rsp-health:good', svgstr: goodSvg }),
  bad: new LabIcon({ name: 'rsp-health:bad', svgstr: badSvg }),
  warn: new LabIcon({ name: 'rsp-health:warn', svgstr: warnSvg }),
  paused: new LabIcon({ name: 'rsp-health:paused', svgstr: pausedSvg }),
  none: new LabIcon({ name: 'rsp-health:none', svgstr: noneSvg }),
  unknown: new LabIcon({ name: 'rsp-health:unknown', svgstr: unknownSvg }),
  locked: new LabIcon({ name: 'rsp-health:locked', svgstr: lockedSvg }),
  maintenance: new LabIcon({
    name: 'rsp-health:maintenance',
    svgstr: maintenanceSvg
  }),
  running: new LabIcon({ name: 'rsp-health:running', svgstr: runningSvg }),
  queued: new LabIcon({ name: 'rsp-health:queued', svgstr: queuedSvg }),
  timedOut: new LabIcon({ name: 'rsp-health:timed-out', svgstr: timedOutSvg }),
  died: new LabIcon({ name: 'rsp-health:died', svgstr: diedSvg }),
  stopped: new LabIcon({ name: 'rsp-health:stopped', svgstr: stoppedSvg }),
  notRun: new LabIcon({ name: 'rsp-health:not-run', svgstr: notRunSvg }),
  info: new LabIcon({ name: 'rsp-health:info', svgstr: infoSvg })
};
