/** What qemu-img and systemd answer about images and the units that pour them. */
import { z } from 'zod';

/** `qemu-img info --output=json`. `refersTo`: another file that the image draws on, as a backing file or for its data. */
export const ImageInfo = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('not JSON');
      return z.NEVER;
    }
  })
  .pipe(
    z.object({
      format: z.string(),
      'virtual-size': z.int().nonnegative(),
      'backing-filename': z.string().optional(),
      'format-specific': z.object({ data: z.object({ 'data-file': z.string().optional() }).optional() }).optional(),
    }),
  )
  .transform((info) => ({
    format: info.format,
    virtualBytes: info['virtual-size'],
    refersTo: info['backing-filename'] ?? info['format-specific']?.data?.['data-file'] ?? null,
  }));

/** State of a unit with RemainAfterExit, from `systemctl show`; null for an answer without it. */
export function readUnit(text: string): 'running' | 'done' | 'failed' | 'none' | null {
  const property = (name: string): string | undefined => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1];
  const [load, active, sub] = [property('LoadState'), property('ActiveState'), property('SubState')];
  if (load === undefined || active === undefined) return null;
  if (active === 'failed') return 'failed';
  if (active === 'active') return sub === 'exited' ? 'done' : 'running';
  if (active === 'activating' || active === 'deactivating' || active === 'reloading') return 'running';
  return 'none';
}

/** The exit code of a unit's command, from `systemctl show`; null where it has none yet. */
export function readExit(text: string): number | null {
  const code = /^ExecMainStatus=(\d+)$/m.exec(text)?.[1];
  return code === undefined ? null : Number(code);
}
