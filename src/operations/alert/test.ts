import { z } from 'zod';
import { decide } from '../../domain/access.ts';
import { conditionText, formatAmount, infoOf, parseCondition } from '../../domain/alerts/condition.ts';
import { violates } from '../../domain/alerts/evaluate.ts';
import { type Rule, rule } from '../../domain/alerts/rule.ts';
import { isMeant } from '../../domain/alerts/subject.ts';
import { defineRead } from '../spec.ts';
import { detailOf } from './evaluate.ts';
import { subjectsOf } from './subjects.ts';

export const alertTest = defineRead({
  name: 'alert.test',
  summary: 'Try a rule or a condition on what is known now; nobody is told',
  input: z.strictObject({
    rule: z.string().min(1).max(120).meta({
      title: 'Rule',
      description: 'A rule’s name, or a condition in quotes',
      placeholder: 'host-cpu',
    }),
  }),
  positional: ['rule'],
  permission: 'view',
  examples: ['/alert test host-cpu', '/alert test "host.memory > 50"'],
  read: async (input, { rows, settings, clock, actor }) => {
    const tried: Rule =
      settings.alerts.rules.find(({ name }) => name === input.rule) ??
      rule({ name: 'tried', when: parseCondition(input.rule) });
    const mine = (team: string | null): boolean => team === null || decide(actor, 'view', team).allowed;
    const found = subjectsOf(rows, settings, clock.now())
      .filter((subject) => isMeant(tried, subject) && mine(subject.team))
      .map((subject) => ({ subject, value: subject.values[tried.when.metric] ?? null }));
    const held = found.filter(({ value }) => value !== null && violates(tried, value));
    const { unit } = infoOf(tried.when);
    return {
      notice: {
        tone: held.length > 0 ? 'warn' : 'good',
        title: `${conditionText(tried.when)}: true of ${held.length} of ${found.length}`,
        table: {
          columns: ['What', 'Now', 'True', 'It would say'],
          rows: [...held, ...found.filter((each) => !held.includes(each))].map(({ subject, value }) => [
            subject.name,
            value === null ? 'not known' : formatAmount(value, unit),
            value === null ? '?' : violates(tried, value) ? 'yes' : 'no',
            value !== null && violates(tried, value) ? detailOf(tried, subject, value) : '–',
          ]),
          empty: 'There is nothing that it is about.',
        },
      },
      json: found.map(({ subject, value }) => ({
        kind: subject.kind,
        name: subject.name,
        value,
        holds: value === null ? null : violates(tried, value),
      })),
    };
  },
});
