import { readdirSync, readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { TREE } from '../../guards/sandbox.js';
import { Program } from './program.js';

/** A series that a query returned. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Configuration {
  global: Record<string, string>;
  scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
}

const SHIPPED = join(TREE, 'docker/prometheus');

/** Prometheus with the shipped configuration and rules; seconds in it take the place of minutes. */
export class Prometheus {
  private constructor(private readonly program: Program) {}

  /** Starts it on these targets of each job, such as `127.0.0.1:3000`. */
  static async start(targets: Readonly<Record<string, readonly string[]>>): Promise<Prometheus> {
    const args = (port: number, directory: string): string[] => {
      writeConfiguration(directory, targets);
      return [
        `--config.file=${join(directory, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ];
    };
    return new Prometheus(await Program.start('prometheus', { args, ready: '/-/ready' }));
  }

  async query(expr: string): Promise<Sample[]> {
    const body = new URLSearchParams({ query: expr });
    const response = await fetch(`${this.program.url}/api/v1/query`, { method: 'POST', body });
    const { data, error } = (await response.json()) as {
      data?: { resultType: string; result: { metric: Record<string, string>; value: [number, string] }[] };
      error?: string;
    };
    if (!data) throw new Error(`${error ?? 'no answer'}: ${expr}`);
    return data.result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
  }

  /** The names of the alerts that fire. */
  async firing(): Promise<Set<string>> {
    const samples = await this.query('ALERTS{alertstate="firing"}');
    return new Set(samples.map(({ metric }) => metric['alertname'] ?? ''));
  }

  stop(): Promise<void> {
    return this.program.stop();
  }
}

function writeConfiguration(directory: string, targets: Readonly<Record<string, readonly string[]>>): void {
  const configuration = parse(readFileSync(join(SHIPPED, 'prometheus.yml'), 'utf8')) as Configuration;
  configuration.global = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
  for (const job of configuration.scrape_configs)
    job.static_configs = [{ targets: [...(targets[job.job_name] ?? [])] }];
  writeFileSync(join(directory, 'prometheus.yml'), stringify(configuration));
  mkdirSync(join(directory, 'rules'));
  for (const name of readdirSync(join(SHIPPED, 'rules'))) {
    const text = readFileSync(join(SHIPPED, 'rules', name), 'utf8');
    writeFileSync(join(directory, 'rules', name), text.replaceAll(/^( +for: \d+)m$/gm, '$1s'));
  }
}
