/** Files that blocks show, and files that people put into a modal. */
import { afterEach, expect, test } from 'vitest';
import { socketApp, stopAll } from './kit.ts';
import { act, closePages, openPage, pageChat } from './ui-kit.ts';

afterEach(closePages);
afterEach(stopAll);

const text = (value: string) => ({ type: 'plain_text' as const, text: value });

test('an image block shows an uploaded file to those who see the block, and only a file that is there', async () => {
  const server = await pageChat();
  const app = await socketApp(server, () => undefined);
  await app.client.filesUploadV2({ file: Buffer.from('<svg/>'), filename: 'chart.svg' });
  const [file] = server.files();
  const image = (slack_file: { id: string } | { url: string }) => ({
    type: 'image' as const,
    alt_text: 'CPU',
    slack_file,
  });
  const id = file?.id ?? '';
  const view = { type: 'home' as const, blocks: [image({ url: `${server.url}/files-pri/${id}/chart.svg` })] };
  await app.client.views.publish({ user_id: 'U0ALICE', view });
  const post = (ref: string) =>
    app.client.chat.postMessage({ channel: 'U0ALICE', text: 'x', blocks: [image({ id: ref })] });
  await expect(post('F0NONE')).rejects.toMatchObject({
    data: { error: 'invalid_blocks', errors: ['invalid slack file [json-pointer:/blocks/0/slack_file]'] },
  });
  const page = await openPage(server, 'alice');
  const url = String(page.store.get(`file:${id}`)?.url);
  const got = await fetch(`${server.url}${url}`);
  expect([got.status, got.headers.get('content-type'), await got.text()]).toEqual([200, 'image/svg+xml', '<svg/>']);
  expect((await fetch(`${server.url}${url.replace('alice', 'bob')}`)).status).toBe(404);
  expect((await post(id)).ok).toBe(true);
});

test('files of a file_input reach the app as file objects', async () => {
  const server = await pageChat();
  const sent: unknown[] = [];
  await socketApp(server, (app) => {
    const element = { type: 'file_input' as const, action_id: 'files' };
    const blocks = [{ type: 'input' as const, block_id: 'files', label: text('Files'), element }];
    const view = { type: 'modal' as const, callback_id: 'up', title: text('Up'), submit: text('Up'), blocks };
    app.shortcut('new_vm', async ({ ack, client, shortcut }) => {
      await ack();
      await client.views.open({ trigger_id: shortcut.trigger_id, view });
    });
    app.view('up', async ({ ack, view: submitted }) => {
      sent.push(submitted.state.values.files?.files);
      await ack();
    });
  });
  const content = Buffer.from('ssh-ed25519').toString('base64');
  await act(server, 'alice', { act: 'upload', channel: 'ops', name: 'key.txt', content });
  const page = await openPage(server, 'alice');
  const [file] = server.files();
  await act(server, 'alice', { act: 'shortcut', callbackId: 'new_vm' });
  const view = await page.until((store) => [...store.values()].find((one) => one.type === 'modal'));
  const values = { files: [file?.id ?? ''] };
  expect(await act(server, 'alice', { act: 'submit', viewId: String(view.id), values })).toMatchObject({ ok: true });
  expect(sent).toMatchObject([{ type: 'file_input', files: [{ id: file?.id, name: 'key.txt', size: 11 }] }]);
});
