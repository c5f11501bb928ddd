import { type Config, type Env, lookUpSecret } from '../config.ts';
import type { SlackTokens } from '../infra/slack/tokens.ts';

/** The tokens that the configuration refers to. Throws `invalid_config` for one that is referred to and isn't there. */
export function slackTokens({ slack }: Config, env: Env): SlackTokens {
  const reveal = (ref: Config['slack']['appToken']): string | null =>
    ref === null ? null : lookUpSecret(ref, env).reveal();
  return {
    bot: reveal(slack.botToken) ?? '',
    app: reveal(slack.appToken),
    signingSecret: reveal(slack.signingSecret),
    apiUrl: slack.apiUrl,
  };
}
