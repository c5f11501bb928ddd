/** curl, as far as images go: a file of the simulated net, onto stdout or into a file. */
import { freeBytes, kindAt, mayWrite, parentOf } from '../model/files.ts';
import { has, last, parseOptions } from './options.ts';
import { fail, ok, type Tool, unknown } from './tool.ts';

const OPTIONS = {
  '-fsSL': 'flag',
  '--proto': 'value',
  '--proto-redir': 'value',
  '--max-filesize': 'value',
  '--retry': 'value',
  '-o': 'value',
  '--url': 'value',
} as const;

export const curl: Tool = (call) => {
  const parsed = parseOptions(call.args, OPTIONS);
  const [url, path] = [last(parsed, '--url'), last(parsed, '-o')];
  if (parsed.bad !== undefined || url === undefined || parsed.rest.length > 0 || !has(parsed, '-fsSL'))
    return unknown(`curl ${call.args.join(' ')}`, 2, 'curl: the simulator does not know this');
  const { model } = call;
  const { hostname, port } = new URL(url);
  const web = model.web ?? {};
  const known = Object.keys(web).some((each) => new URL(each).hostname === hostname);
  if (!known && /^[\d.]+$/.test(hostname))
    return fail(7, `curl: (7) Failed to connect to ${hostname} port ${port} after 0 ms: Couldn't connect to server`);
  if (!known) return fail(6, `curl: (6) Could not resolve host: ${hostname}`);
  const node = web[url];
  if (node === undefined) return fail(22, 'curl: (22) The requested URL returned error: 404');
  if (path === undefined) return ok(node.base64 === null ? '' : Buffer.from(node.base64, 'base64').toString());
  if (kindAt(model, parentOf(path)) !== 'dir' || !mayWrite(model, path, call.root)) {
    return fail(
      23,
      `Warning: Failed to open the file ${path}: Permission denied\ncurl: (23) Failure writing output to destination`,
    );
  }
  const room = freeBytes(model) + (model.files[path]?.sizeBytes ?? 0);
  const half = call.half || room < node.sizeBytes;
  model.files[path] = {
    ...node,
    owner: call.root ? 'root' : model.user,
    changedAt: call.now,
    ...(half
      ? { base64: null, content: `half of ${node.content}`, sizeBytes: Math.min(room, Math.floor(node.sizeBytes / 2)) }
      : {}),
  };
  return room < node.sizeBytes ? fail(23, 'curl: (23) Failure writing output to destination') : ok();
};
