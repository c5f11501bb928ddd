/**
 * Seconds that libvirt gives a guest's agent for a command, from being told so until the domain ends; without that it waits for ever, and
 * all else that the agent is asked waits behind. One number for all who set it, so that none shortens another's: a freeze may take no
 * longer, for Windows thaws by itself after ten seconds.
 */
export const AGENT_TIMEOUT_S = 8;
