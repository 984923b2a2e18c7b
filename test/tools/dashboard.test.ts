import { readFileSync } from "node:fs";

import { expect } from "chai";

import { createMetrics } from "../../relayer/metrics.ts";
import type { Readings } from "../../relayer/readings.ts";

/** Metrics that are on no panel and in no alert, and why. */
const NOT_SHOWN: Readonly<Record<string, string>> = {};

const SUFFIXES = ["_bucket", "_sum", "_count"];

const readings: Readings = {
  livePayments: () => Promise.resolve([]),
  acts: () => Promise.resolve({ waiting: 0, oldestMs: 0 }),
  instructions: () => Promise.resolve({ waiting: 0, oldestMs: 0 }),
  expiringHolds: () => Promise.resolve(0),
  outbox: () => Promise.resolve({ count: 0, oldestSeconds: 0, dead: 0 }),
  lanes: () => Promise.resolve([]),
  readiness: () => Promise.resolve({ obstacles: [], lagBlocks: 0n }),
  pool: () => ({ total: 0, idle: 0, waiting: 0 }),
};

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}

interface Dashboard {
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
}

describe("the dashboard and the alerts", () => {
  /** What /metrics says, by name: the type, and that it has a help text. */
  let types: Map<string, string>;
  let helps: Set<string>;
  const dashboard = JSON.parse(readFileSync("docs/grafana/corridor.json", "utf8")) as Dashboard;
  const alerts = readFileSync("docs/grafana/alerts.yaml", "utf8");
  const rules = [...alerts.matchAll(/^ {6}- alert: (\w+)\n {8}expr: (.+)$/gm)].map(([, name = "", expr = ""]) => ({
    name,
    expr,
  }));
  const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  const expressions = [...queries, ...rules.map(({ expr }) => expr)];

  before(async () => {
    const text = await createMetrics(readings).scrape();
    types = new Map([...text.matchAll(/^# TYPE (\S+) (\w+)$/gm)].map(([, name = "", type = ""]) => [name, type]));
    helps = new Set([...text.matchAll(/^# HELP (\S+) \S+/gm)].map(([, name = ""]) => name));
  });

  function metricsIn(expr: string): string[] {
    return [...expr.replace(/\{[^}]*\}/g, "").matchAll(/\b(?:corridor|nodejs|process)_\w+/g)].map(([name]) => name);
  }

  /** The metric that a series belongs to; `undefined` if there is none. */
  function metricOf(series: string): string | undefined {
    if (types.has(series) && types.get(series) !== "histogram") return series;
    const base = SUFFIXES.filter((suffix) => series.endsWith(suffix)).map((suffix) => series.slice(0, -suffix.length));
    return base.find((name) => types.get(name) === "histogram");
  }

  it("ask for nothing that the relayer does not tell", () => {
    expect(expressions.length).to.be.greaterThan(30);
    for (const expr of expressions) {
      expect(metricsIn(expr), expr).not.to.have.length(0);
      for (const series of metricsIn(expr)) expect(metricOf(series), `${series} in ${expr}`).not.to.equal(undefined);
      // Counters are asked for their rate, and nothing else is.
      for (const series of metricsIn(expr)) {
        const isCounted = types.get(series) === "counter" || metricOf(series) !== series;
        expect(/\b(rate|increase)\(/.test(expr), expr).to.equal(isCounted);
      }
      for (const [open, close] of ["()", "{}", "[]"]) {
        expect(expr.split(open ?? "").length, expr).to.equal(expr.split(close ?? "").length);
      }
    }
  });

  it("leave out nothing that the relayer tells, nor does the page on running one", () => {
    const page = readFileSync("docs/operating.md", "utf8");
    const described = new Set([...page.matchAll(/`(corridor_\w+)`/g)].map(([, name = ""]) => name));
    for (const name of described) expect(types.has(name), `${name} in docs/operating.md`).to.equal(true);
    const shown = new Set(expressions.flatMap(metricsIn).map(metricOf));
    for (const name of types.keys()) {
      if (!name.startsWith("corridor_")) continue;
      expect(shown.has(name) || name in NOT_SHOWN, name).to.equal(true);
      expect(helps.has(name), `help of ${name}`).to.equal(true);
      expect(described.has(name), `${name} in docs/operating.md`).to.equal(true);
    }
    for (const name of Object.keys(NOT_SHOWN)) expect(types.has(name) && !shown.has(name), name).to.equal(true);
  });

  it("load into a Grafana with any Prometheus", () => {
    expect(dashboard.schemaVersion).to.be.within(39, 41);
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).to.equal(panels.length);
    expect(panels.filter(({ type }) => type === "row").map(({ title }) => title)).to.deep.equal([
      ...["Intake", "Queue", "Lanes", "Chain", "Webhooks", "Process"],
    ]);
    expect(dashboard.templating.list[0]).to.include({ name: "datasource", type: "datasource" });
    for (const { type, datasource, targets = [] } of panels) {
      if (type === "row") continue;
      for (const { uid } of [datasource ?? { uid: "" }, ...targets.map((target) => target.datasource)]) {
        expect(uid).to.equal("${datasource}");
      }
    }
  });

  it("are rules with a name, a severity, a summary and what to do", () => {
    const blocks = alerts.split(/^ {6}- alert: /m).slice(1);
    expect(rules.length).to.equal(blocks.length).and.to.be.greaterThan(8);
    expect(new Set(rules.map(({ name }) => name)).size).to.equal(rules.length);
    for (const block of blocks) {
      expect(block).to.match(/^ {8}labels: \{ severity: (critical|warning) \}$/m);
      expect(block).to.match(/^ {10}summary: ".+"$/m);
      expect(block).to.match(/^ {10}action: ".+"$/m);
    }
  });
});
