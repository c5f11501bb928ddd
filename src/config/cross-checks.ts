import { nearest } from '../domain/names.ts';
import { alertRuleFaults } from './alerts.ts';
import { pathText } from './explain.ts';
import type { ConfigFile } from './schema.ts';
import type { ConfigFault, Source } from './source.ts';

/** What a config names in one place and explains in another, and what may stand only once. `kinds`: the operations' names, where known. */
export function crossChecks(file: ConfigFile, source: Source, kinds: readonly string[] | null): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const report = (path: readonly PropertyKey[], message: string): void => {
    faults.push({ ...source.placeOf(path), path: pathText(path), message });
  };
  const names = (list: readonly { readonly name: string }[]): string[] => list.map((each) => each.name);
  const mustExist = (path: readonly PropertyKey[], name: string, known: readonly string[], what: string): void => {
    if (known.includes(name)) return;
    const near = nearest(name, known, 1)[0];
    const list = known.length === 0 ? `there are no ${what}s` : `there are: ${shorten(known)}`;
    report(path, `no ${what} ${JSON.stringify(name)}; ${near === undefined ? list : `did you mean ${near}?`}`);
  };

  for (const key of ['hosts', 'networks', 'flavors', 'images', 'people', 'teams'] as const) {
    once(
      file[key].map((each, i) => [[key, i, 'name'], each.name]),
      `is the name of two of the ${key}`,
      report,
    );
  }
  once(
    file.people.flatMap((each, i) => (each.slack === undefined ? [] : [[['people', i, 'slack'], each.slack]])),
    'belongs to two people',
    report,
  );
  once(
    file.teams.map((each, i) => [['teams', i, 'channel'], each.channel]),
    'is the channel of two teams',
    report,
  );

  checkHosts(file, report, mustExist);
  file.networks.forEach((network, i) => {
    if ((network.network === undefined) === (network.bridge === undefined)) {
      report(['networks', i], `${network.name} needs one of network: (libvirt’s) and bridge: (the host’s)`);
    }
  });
  file.teams.forEach((team, i) => {
    if (team.network !== undefined) mustExist(['teams', i, 'network'], team.network, names(file.networks), 'network');
    else if (file.networks.length !== 1)
      report(['teams', i], `${team.name} needs a network: one of ${shorten(names(file.networks))}`);
    for (const key of ['leads', 'members'] as const) {
      team[key].forEach((name, j) => void mustExist(['teams', i, key, j], name, names(file.people), 'person'));
    }
  });
  checkImages(file, report);
  file.approvals.forEach((rule, i) => {
    rule.when.teams?.forEach(
      (name, j) => void mustExist(['approvals', i, 'when', 'teams', j], name, names(file.teams), 'team'),
    );
    if (kinds === null) return;
    rule.when.kinds?.forEach(
      (kind, j) => void mustExist(['approvals', i, 'when', 'kinds', j], kind, kinds, 'operation'),
    );
  });
  checkAlerts(file, report, mustExist);
  for (const [user, name] of Object.entries(file.cli.users)) {
    mustExist(['cli', 'users', user], name, names(file.people), 'person');
  }
  file.cli.act_as.forEach((name, i) => void mustExist(['cli', 'act_as', i], name, names(file.people), 'person'));
  return faults;
}

type Report = (path: readonly PropertyKey[], message: string) => void;
type MustExist = (path: readonly PropertyKey[], name: string, known: readonly string[], what: string) => void;

/** Where an image comes from, and how one knows that it is that. */
function checkImages({ images }: ConfigFile, report: Report): void {
  images.forEach(({ name, file, source }, i) => {
    if ((file === undefined) === (source === undefined)) {
      report(['images', i], `${name} needs one of file: (brought onto the hosts by hand) and source: (downloaded)`);
    }
    if (source === undefined) return;
    const checks = [source.sha256, source.sha512, source.sums].filter((each) => each !== undefined);
    if (checks.length !== 1) {
      report(
        ['images', i, 'source'],
        `${name} needs one of sha256:, sha512: and sums: (the vendor’s file of checksums), so that what is downloaded is what was meant`,
      );
    }
    // What is signed may come any way.
    if (source.signature === undefined && source.sums !== undefined) {
      for (const key of ['url', 'sums'] as const) {
        if (source[key]?.startsWith('http:') !== true) continue;
        report(
          ['images', i, 'source', key],
          `${name} needs an address with https:, or signature:, or sha512: instead of sums:`,
        );
      }
    }
    if ((source.signature === undefined) !== (source.key === undefined))
      report(['images', i, 'source'], `${name} needs signature: and key: (the vendor’s), or neither`);
    if (source.signature !== undefined && source.sums === undefined)
      report(['images', i, 'source', 'signature'], `${name} needs sums:, which the signature is of`);
  });
}

function checkAlerts(
  { alerts, hosts, teams, people, metrics }: ConfigFile,
  report: Report,
  mustExist: MustExist,
): void {
  const names = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name);
  once(
    alerts.rules.map(({ name }, i) => [['alerts', 'rules', i, 'name'], name]),
    'is the name of two rules',
    report,
  );
  once(
    alerts.webhooks.map(({ name }, i) => [['alerts', 'webhooks', i, 'name'], name]),
    'is the name of two webhooks',
    report,
  );
  if (alerts.alertmanager !== undefined && metrics.listen === undefined)
    report(['alerts', 'alertmanager'], 'needs metrics.listen: Alertmanager posts to /alertmanager there');
  alerts.rules.forEach((rule, i) => {
    const at = ['alerts', 'rules', i];
    for (const { path, message } of alertRuleFaults(rule)) report([...at, ...path], message);
    rule.hosts?.forEach((name, j) => void mustExist([...at, 'hosts', j], name, names(hosts), 'host'));
    rule.teams?.forEach((name, j) => void mustExist([...at, 'teams', j], name, names(teams), 'team'));
  });
  alerts.escalate.to.forEach(
    (name, i) => void mustExist(['alerts', 'escalate', 'to', i], name, names(people), 'person'),
  );
}

function checkHosts(file: ConfigFile, report: Report, mustExist: MustExist): void {
  const known = file.hosts.map((host) => host.name);
  const jumpOf = (host: ConfigFile['hosts'][number]) => host.jump ?? file.host_defaults.jump;
  file.hosts.forEach((host, i) => {
    const user = host.user ?? file.host_defaults.user;
    if (user === undefined) report(['hosts', i], `${host.name} needs a user: here or in host_defaults`);
    if (host.host_keys === undefined || host.host_keys.length === 0) {
      const port = host.port ?? file.host_defaults.port ?? 22;
      const scan = `ssh-keyscan -t ed25519 ${port === 22 ? '' : `-p ${port} `}${host.address}`;
      report(
        ['hosts', i],
        `${host.name} needs host_keys, so that nobody can pose as it. Get them with \`${scan}\`, and compare on the host’s own console with \`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\``,
      );
    }
    const jump = jumpOf(host);
    if (typeof jump !== 'string') return;
    const path = host.jump === undefined ? ['host_defaults', 'jump'] : ['hosts', i, 'jump'];
    // The jump host itself takes the default too, and goes straight.
    if (host.jump === undefined && jump === host.name) return;
    mustExist(path, jump, known, 'host');
    const way = [host.name];
    for (let next: string | undefined = jump; next !== undefined; ) {
      if (way.includes(next)) {
        report(path, `the way to ${host.name} goes round in a circle: ${[...way, next].join(' → ')}`);
        break;
      }
      way.push(next);
      const over = file.hosts.find((each) => each.name === next);
      const onward: unknown =
        over === undefined || (over.jump === undefined && jumpOf(over) === over.name) ? undefined : jumpOf(over);
      next = typeof onward === 'string' ? onward : undefined;
    }
  });
}

/** Reports each value that stands a second time. */
function once(values: readonly (readonly [readonly PropertyKey[], string])[], what: string, report: Report): void {
  const seen = new Set<string>();
  for (const [path, value] of values) {
    if (seen.has(value)) report(path, `${JSON.stringify(value)} ${what}`);
    seen.add(value);
  }
}

function shorten(names: readonly string[]): string {
  return names.length > 10 ? `${names.slice(0, 10).join(', ')} …` : names.join(', ');
}
