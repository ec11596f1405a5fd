import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { TREE } from '../../guards/sandbox.js';

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}

export interface Recording {
  readonly record: string;
  readonly expr: string;
}

const FOLDER = join(TREE, 'docker/prometheus/rules');

/** The files of rules that are shipped. */
export const RULE_FILES = readdirSync(FOLDER).map((name) => join(FOLDER, name));

const RULES = RULE_FILES.flatMap((file) => {
  const { groups } = parse(readFileSync(file, 'utf8')) as { groups: { rules: (Alert | Recording)[] }[] };
  return groups.flatMap(({ rules }) => rules);
});

export const ALERTS: readonly Alert[] = RULES.filter((rule) => 'alert' in rule);
export const RECORDINGS: readonly Recording[] = RULES.filter((rule) => 'record' in rule);
