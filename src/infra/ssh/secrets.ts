/** The one place where a secret that a command reads takes the place of its name. */
import type { Command, SecretName } from '../../domain/command.ts';
import { asBotError } from '../../domain/error.ts';
import type { Fleet, HostCall } from '../../operations/ports.ts';
import { failed } from './call-result.ts';

/** Throws BotError where there is no such secret. */
export type SecretOf = (name: SecretName) => string;

/** A fleet that fills them in on the way to the host: plans, rows and logs have names only. */
export function withSecrets<F extends Fleet>(fleet: F, secretOf: SecretOf): F {
  const filled = (command: Command): Command => {
    const { stdin } = command;
    if (stdin?.kind !== 'secret') return command;
    return { ...command, stdin: { kind: 'text', text: secretOf(stdin.name), label: stdin.label } };
  };
  const whole = <T>(call: HostCall<T>): HostCall<T> => ({ ...call, commands: call.commands.map(filled) });
  return {
    ...fleet,
    run: async (host, call, options) => {
      try {
        return await fleet.run(host, whole(call), options);
      } catch (cause) {
        // Nothing has run: an operation takes back what it has done, as after a refusal of the host's.
        return failed(asBotError(cause));
      }
    },
    runInTurn: async (host, calls, options) => {
      try {
        return await fleet.runInTurn(host, calls.map(whole), options);
      } catch (cause) {
        return [failed(asBotError(cause))];
      }
    },
  };
}
