import { readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";

const FOLDER = "web/locales";
const SOURCE = "en";
const LANGUAGES = readdirSync(FOLDER).filter((name) => name !== SOURCE);
const NAMESPACES = readdirSync(`${FOLDER}/${SOURCE}`);

/** The texts of a file by their keys, joined by dots. */
function texts(language: string, file: string): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (value: unknown, path: string): void => {
    if (typeof value === "string") found.set(path, value);
    else
      for (const [key, member] of Object.entries(value as object)) walk(member, path === "" ? key : `${path}.${key}`);
  };
  walk(JSON.parse(readFileSync(`${FOLDER}/${language}/${file}`, "utf8")), "");
  return found;
}

/** A key without the form of its plural: languages have forms of their own. */
function withoutForm(key: string): string {
  return key.replace(/_(zero|one|two|few|many|other)$/, "");
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\{\s*(\w+)/g)].map(([, name = ""]) => name).sort();
}

describe("the console's languages", () => {
  it("are more than one", () => {
    expect(LANGUAGES).to.have.members(["zh-CN", "zh-TW"]);
  });

  for (const language of LANGUAGES) {
    for (const file of NAMESPACES) {
      it(`have the same texts with the same gaps: ${language}/${file}`, () => {
        const [source, other] = [texts(SOURCE, file), texts(language, file)];
        const keys = (from: Map<string, string>) => new Set([...from.keys()].map(withoutForm));
        expect([...keys(other)]).to.have.members([...keys(source)]);
        for (const [key, text] of other) {
          const original = source.get(key) ?? source.get(`${withoutForm(key)}_other`) ?? "";
          expect(placeholders(text), key).to.deep.equal(placeholders(original));
          expect(text.trim(), key).not.to.equal("");
        }
      });

      it(`are translated: ${language}/${file}`, () => {
        const source = texts(SOURCE, file);
        // Texts of more than one word without a Chinese character were left behind.
        const left = [...texts(language, file)].filter(
          ([key, text]) => text === source.get(key) && /\p{L}+\s+\p{L}+/u.test(text) && !/\p{Script=Han}/u.test(text),
        );
        expect(left).to.deep.equal([]);
      });
    }
  }
});
