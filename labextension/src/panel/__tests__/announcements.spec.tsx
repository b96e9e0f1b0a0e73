import { act, fireEvent, screen } from '@testing-library/react';

import { platform } from '../../__tests__/platform';
import { refusal } from '../../__tests__/server';
import { open, section } from './openpanel';

describe('announcements', () => {
  it('show the worst first, as text, and fold the others', async () => {
    const server = platform().on('GET broadcasts', {
      state: 'fresh',
      message: '',
      broadcasts: [
        { id: '1', category: 'info', summary: 'New image', body: '' },
        {
          id: '2',
          category: 'outage',
          summary: '<b>TAP</b> is down',
          body: 'Until 17:00 UTC'
        }
      ],
      messages: [],
      messages_note: ''
    });
    await open(server);
    const region = section('Announcements');
    region.getByText('<b>TAP</b> is down');
    expect(region.queryByText('New image')).toBeNull();
    fireEvent.click(region.getByRole('button', { name: /Outage:/ }));
    region.getByText('Until 17:00 UTC');
    fireEvent.click(
      region.getByRole('button', { name: '1 more announcement' })
    );
    region.getByText('New image');
  });

  it('say when they cannot be read, or not again', async () => {
    const server = platform().on('GET broadcasts', refusal(500, 'internal'));
    const { model } = await open(server);
    section('Announcements').getByText('Announcements could not be read.');
    server.on('GET broadcasts', {
      state: 'fresh',
      message: '',
      broadcasts: [{ id: '1', category: 'info', summary: 'New', body: '' }],
      messages: [],
      messages_note: ''
    });
    await act(() => model.broadcasts.load());
    const region = section('Announcements');
    expect(region.queryByText(/could not be read|out of date/)).toBeNull();
    server.on('GET broadcasts', refusal(500, 'internal'));
    await act(() => model.broadcasts.load());
    region.getByText('New');
    region.getByText('These announcements may be out of date.');
  });

  it('show the messages to the user as text', async () => {
    const server = platform().on('GET broadcasts', {
      state: 'fresh',
      message: '',
      broadcasts: [],
      messages: [
        { id: '1', summary: 'Job 7 <img src=x> ended', created_at: null },
        { id: '1', summary: 'Job 8 ended', created_at: null }
      ],
      messages_note: ''
    });
    await open(server);
    const region = section('Announcements');
    region.getByRole('button', { name: '2 messages to you' });
    region.getByText('Job 7 <img src=x> ended');
    region.getByText('Job 8 ended');
  });

  it('say what they do not know, once', async () => {
    const server = platform().on('GET broadcasts', {
      state: 'unavailable',
      message: 'Announcements could not be read: it answered HTTP 503.',
      broadcasts: [],
      messages: [],
      messages_note: 'Messages to you could not be read: HTTP 503.'
    });
    await open(server);
    const region = section('Announcements');
    region.getByText(/^Announcements could not be read/);
    expect(region.queryByText(/^Messages to you/)).toBeNull();
  });

  it('take no room when there are none', async () => {
    await open(platform());
    expect(screen.queryByRole('region', { name: 'Announcements' })).toBeNull();
  });
});
