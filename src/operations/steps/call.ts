import type { HostCall } from '../ports.ts';

/** The same call, its answer read as something else. */
export function reading<A, B>(call: HostCall<A>, as: (value: A) => B): HostCall<B> {
  return { ...call, parse: (ran) => as(call.parse(ran)) };
}

/** Both calls in one round trip, and both answers. For calls whose commands all run, whatever the others said. */
export function both<A, B>(first: HostCall<A>, second: HostCall<B>): HostCall<readonly [A, B]> {
  const many = first.commands.length;
  return {
    title: first.title,
    commands: [...first.commands, ...second.commands],
    parse: (ran) => [first.parse(ran.slice(0, many)), second.parse(ran.slice(many))],
  };
}

/** All of them in one round trip, and all answers; where one fails, the later ones do not run. */
export function inOne<T>(title: string, calls: readonly HostCall<T>[]): HostCall<readonly T[]> {
  return {
    title,
    commands: calls.flatMap(({ commands }) => commands),
    parse: (ran) => {
      let from = 0;
      return calls.map(({ commands, parse }) => {
        const to = from + commands.length;
        const answer = parse(ran.slice(from, to));
        from = to;
        return answer;
      });
    },
  };
}
