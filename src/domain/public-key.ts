import { z } from 'zod';

/** The kinds that OpenSSH 9 takes; DSA is gone. */
const KIND = String.raw`(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com)`;
const PUBLIC_KEY = new RegExp(String.raw`^${KIND} [A-Za-z0-9+/]{40,}={0,3}(?: [^\n\r\0]{1,200})?$`);

/** What is wrong with an OpenSSH public key in one line, and what to give; undefined when it is fine. A private key is not repeated. */
export function publicKeyFault(text: string): string | undefined {
  if (text.includes('PRIVATE KEY')) {
    return 'This is a private key, which nobody but you may have: make a new pair, and give the line of its .pub file.';
  }
  if (PUBLIC_KEY.test(text.trim())) return undefined;
  return 'This is not a public ssh key. Give the one line of a .pub file, such as "ssh-ed25519 AAAAC3… me@laptop".';
}

/** An OpenSSH public key, as one line of a `.pub` file. */
export const PublicKey = z
  .string()
  .superRefine((text, ctx) => {
    const fault = publicKeyFault(text);
    if (fault !== undefined)
      ctx.addIssue({ code: 'custom', message: fault, params: { secret: text.includes('PRIVATE KEY') } });
  })
  .transform((text) => text.trim());
