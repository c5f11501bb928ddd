import { z } from 'zod';
import { conditionText, formatAmount, infoOf } from '../../domain/alerts/condition.ts';
import { formatSpan } from '../../domain/size.ts';
import { defineRead } from '../spec.ts';

export const alertRules = defineRead({
  name: 'alert.rules',
  summary: 'List the rules by which alerts are made',
  details: 'They stand in the configuration under `alerts`; what it leaves out has these defaults.',
  input: z.strictObject({}),
  positional: [],
  permission: 'view',
  examples: ['/alert rules'],
  read: async (_input, { settings, rows }) => {
    const alerts = rows.alerts.all();
    const rules = settings.alerts.rules.map((rule) => ({
      rule,
      firing: alerts.filter((alert) => alert.rule === rule.name && alert.state === 'firing').length,
    }));
    return {
      notice: {
        tone: 'plain',
        title: `${rules.length} rules`,
        table: {
          columns: ['Rule', 'When', 'For', 'Over at', 'Severity', 'Firing'],
          rows: rules.map(({ rule, firing }) => {
            const { unit } = infoOf(rule.when);
            const beyond = rule.critical === null ? '' : `, critical at ${formatAmount(rule.critical, unit)}`;
            return [
              rule.name,
              conditionText(rule.when),
              rule.forMs === 0 ? 'at once' : formatSpan(rule.forMs),
              rule.when.op === 'is' ? '–' : formatAmount(rule.clear, unit),
              `${rule.severity}${beyond}`,
              String(firing),
            ];
          }),
          empty: 'All rules are turned off.',
        },
      },
      json: rules.map(({ rule, firing }) => ({ ...rule, when: conditionText(rule.when), firing })),
    };
  },
});
