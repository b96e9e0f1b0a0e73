import { Notification } from '@jupyterlab/apputils';

import { dismissNotice, replaceNotice, updateNotice } from '../toasts';

const isKnown = (id: string): boolean => Notification.manager.has(id);

describe('a notice', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
    Notification.dismiss();
  });

  it('goes at once if it stayed as it was', () => {
    const id = Notification.emit('on its way', 'in-progress');
    dismissNotice(id);
    expect(isKnown(id)).toBe(false);
  });

  it('goes after Lab has drawn its update, or that would show it again', () => {
    const id = Notification.emit('on its way', 'in-progress');
    updateNotice({ id, message: '90 %' });
    const end = replaceNotice(id, 'done', 'success', {});
    expect(isKnown(end)).toBe(true);
    // Timers that are due earlier, such as Lab's, are run before this one.
    jest.advanceTimersByTime(50);
    expect(isKnown(id)).toBe(true);
    jest.advanceTimersByTime(100);
    expect(isKnown(id)).toBe(false);
    expect(isKnown(end)).toBe(true);
  });
});
