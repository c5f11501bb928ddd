/** What a new guest is told at its first boot. */
export interface SeedSpec {
  readonly hostname: string;
  /** Changes when the guest should take itself for a new one. */
  readonly instanceId: string;
  readonly sshKeys: readonly string[];
}

export interface SeedImage {
  readonly base64: string;
  /** Size in bytes. */
  readonly bytes: number;
}
