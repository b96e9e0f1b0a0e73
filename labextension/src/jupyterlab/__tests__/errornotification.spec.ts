import { Notification } from '@jupyterlab/apputils';
import { CommandRegistry } from '@lumino/commands';

import { trans } from '../../__tests__/strings';
import { executeOrTell } from '../errornotification';

afterEach(() => {
  Notification.dismiss();
});

describe('a button of the panel', () => {
  it('does what its command does', () => {
    const commands = new CommandRegistry();
    const execute = jest.fn();
    commands.addCommand('there', { describedBy: { args: {} }, execute });
    void executeOrTell(trans, commands, 'there', { id: 'tap' });
    expect(execute).toHaveBeenCalledWith(
      expect.objectContaining({ id: 'tap' })
    );
    expect(Notification.manager.count).toBe(0);
  });

  it('says so when its part was switched off', () => {
    void executeOrTell(trans, new CommandRegistry(), 'gone');
    const [told] = Notification.manager.notifications;
    expect(told?.message).toContain('switched off here');
  });
});
