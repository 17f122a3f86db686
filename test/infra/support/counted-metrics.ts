import { glob, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";

const SOURCE = resolve(import.meta.dirname, "../../../packages/functions/src");

/** A template as a pattern: each placeholder stands for a word. */
const pattern = (template: string): RegExp =>
  new RegExp(`^${template.replaceAll(".", "\\.").replaceAll(/\$\{[^}]+\}/g, "[\\w-]+")}$`);

const found = (text: string, expression: RegExp): readonly string[] =>
  [...text.matchAll(expression)].map(([, name = ""]) => name);

interface Source {
  readonly file: string;
  readonly text: string;
}

const COUNT = /\b(?:count|time)\(\s*[`"]([^`"]+)[`"]/g;
const SERVICE = /\btelemetry\(\s*[`"]([^`"]+)[`"]/g;
const IMPORT = /from "\.\/([\w-]+\.ts)"/g;

/** What a file counts itself, and what the files do that it imports; `${metric}` is what it calls statusChanges with. */
function metricsOf(source: Source, all: readonly Source[]): readonly string[] {
  const [prefix] = found(source.text, /statusChanges\(\s*\w+,\s*"(\w+)"/g);
  const imported = found(source.text, IMPORT).flatMap((name) => all.filter(({ file }) => file === name));
  const helpers = imported.filter(({ text }) => found(text, SERVICE).length === 0);
  return [source, ...helpers]
    .flatMap(({ text }) => found(text, COUNT))
    .map((name) => name.replace(/\$\{metric\}/, prefix ?? "?"));
}

/** True where the function that calls itself `service` counts `metric`: read from the functions' source. */
export async function countedMetrics(): Promise<(service: string, metric: string) => boolean> {
  const files: Source[] = [];
  for await (const file of glob("*.ts", { cwd: SOURCE })) {
    if (!file.endsWith(".test.ts")) files.push({ file, text: await readFile(join(SOURCE, file), "utf8") });
  }
  const services = files.flatMap((source) =>
    found(source.text, SERVICE).map((service) => ({
      service: pattern(service),
      metrics: metricsOf(source, files).map(pattern),
    })),
  );
  return (service, metric) =>
    services.some((each) => each.service.test(service) && each.metrics.some((known) => known.test(metric)));
}
