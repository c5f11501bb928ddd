import ssh2 from 'ssh2';

export interface KeyPair {
  /** OpenSSH's private form. */
  readonly privateKey: string;
  /** One line, `ssh-ed25519 AAAA…`. */
  readonly publicKey: string;
}

/** A fresh ed25519 pair, for hosts and for whoever may log in. */
export function makeKeyPair(comment: string): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    // ssh2 1.17 drops zeros that a key begins with: about one in 450 is too short, and even ssh2 itself can't read it.
    if (ssh2.utils.parseKey(pair.private) instanceof Error || ssh2.utils.parseKey(pair.public) instanceof Error)
      continue;
    return { privateKey: pair.private, publicKey: pair.public };
  }
}

/** The wire form of a public key line. Throws RangeError for what is none. */
export function wireOf(publicKey: string): Buffer {
  const parsed = ssh2.utils.parseKey(publicKey);
  if (parsed instanceof Error) throw new RangeError(`not a public key: ${publicKey.slice(0, 40)}`);
  return parsed.getPublicSSH();
}
