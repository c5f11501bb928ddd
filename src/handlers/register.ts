import type { App, BlockAction, ButtonAction, StaticSelectAction } from '@slack/bolt';
import { PRESS } from '../domain/notice-schema.ts';
import { familiesOf } from '../operations/usage.ts';
import { onChoices } from './choices.ts';
import type { HandlerDeps } from './deps.ts';
import { onError } from './errors.ts';
import { CHOICES, FORM, TEAM_ACTION } from './form-state.ts';
import { makeHomes, onHome } from './home.ts';
import { onPress } from './press.ts';
import { onSlash } from './slash.ts';
import { onSubmit } from './submit.ts';
import { onTeamChange } from './team-change.ts';

/** Tells Bolt who handles what: a command for each family of the catalog, its forms, its buttons, the Home tab. */
export function registerHandlers(app: App, deps: HandlerDeps): void {
  const homes = makeHomes(deps);
  deps.onChange(homes.changed);
  for (const family of familiesOf(deps.service.catalog)) {
    app.command(`/${deps.prefix}${family}`, onSlash(family, deps));
  }
  app.view(new RegExp(`^${FORM}`), onSubmit(deps));
  app.action<BlockAction<ButtonAction>>(new RegExp(`^${PRESS}`), onPress(homes, deps));
  app.action<BlockAction<StaticSelectAction>>(TEAM_ACTION, onTeamChange(deps));
  app.options(new RegExp(`^${CHOICES}`), onChoices(deps));
  app.event('app_home_opened', onHome(homes, deps));
  app.error(onError(deps.client, deps)); // the only catch at the edge
}
