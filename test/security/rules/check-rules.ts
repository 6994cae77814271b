import type { Statements } from "#groundwork/local";
import { foreignKeyRules } from "./foreign-key-rules.ts";
import { functionRules } from "./function-rules.ts";
import { grantRules } from "./grant-rules.ts";
import { policyRules } from "./policy-rules.ts";
import type { Rule } from "./rule.ts";
import { tableRules } from "./table-rules.ts";

export const rules: readonly Rule[] = [
  ...tableRules,
  ...policyRules,
  ...functionRules,
  ...foreignKeyRules,
  ...grantRules,
];

/** Returns the first broken rule with its offenders; undefined if there is none. */
export async function firstOffence(statements: Statements): Promise<{ rule: string; offenders: string[] } | undefined> {
  for (const { name, find } of rules) {
    const offenders = await find(statements);
    if (offenders.length > 0) return { rule: name, offenders };
  }
  return undefined;
}
