import { readFile } from "node:fs/promises";

import type { Language } from "./statement-words.ts";
import { unpackWoff } from "./woff.ts";

const FACES = {
  latin: "noto-sans-sc-latin",
  sc: "noto-sans-sc-chinese-simplified",
  tc: "noto-sans-tc-chinese-traditional",
};
type Face = keyof typeof FACES;

/** Which face a character is looked for in first: the same sign is drawn otherwise in either Chinese. */
const ORDER: Readonly<Record<Language, readonly Face[]>> = {
  en: ["latin", "sc", "tc"],
  "zh-CN": ["latin", "sc", "tc"],
  "zh-TW": ["latin", "tc", "sc"],
};
/** Drawn for a character that no face has. */
const MISSING = "?";

interface Sign {
  readonly text: string;
  readonly face: Face;
  /** Of one point of size. */
  readonly width: number;
}

interface Embedded {
  readonly _font: { readonly font: { hasGlyphForCodePoint(point: number): boolean } };
}

export type Faces = Readonly<Record<Face, Buffer>>;

let loaded: Promise<Faces> | undefined;

/** The fonts, read once. */
export function loadFaces(): Promise<Faces> {
  const load = async (face: Face): Promise<Buffer> =>
    unpackWoff(await readFile(new URL(`./fonts/${FACES[face]}-400-normal.woff`, import.meta.url)));
  loaded ??= Promise.all([load("latin"), load("sc"), load("tc")]).then(([latin, sc, tc]) => ({ latin, sc, tc }));
  return loaded;
}

/** Sets anybody's text, each character in a face that has it. A face is opened when its first character is asked for. */
export class Typesetter {
  readonly #signs = new Map<string, Sign>();
  readonly #opened = new Set<Face>();

  constructor(
    private readonly document: PDFKit.PDFDocument,
    private readonly language: Language,
    private readonly faces: Faces,
  ) {}

  width(text: string, size: number): number {
    return size * this.#signsOf(text).reduce((sum, { width }) => sum + width, 0);
  }

  /** The text in lines of at most `width`: broken at spaces, between Chinese characters, or where a word is too long. */
  lines(text: string, size: number, width: number): string[] {
    const lines: string[] = [];
    let [line, used] = ["", 0];
    for (const word of text.split(/(?<=[ \u3000-\u9fff\uff00-\uffef])/u)) {
      const needed = this.width(word.trimEnd(), size);
      if (used > 0 && used + needed > width) {
        lines.push(line.trimEnd());
        [line, used] = ["", 0];
      }
      for (const sign of needed > width ? this.#signsOf(word) : [{ text: word, width: this.width(word, 1) }]) {
        const next = sign.width * size;
        if (used > 0 && needed > width && used + next > width) {
          lines.push(line.trimEnd());
          [line, used] = ["", 0];
        }
        [line, used] = [line + sign.text, used + next];
      }
    }
    return [...lines, line.trimEnd()].filter((each) => each !== "");
  }

  /** Draws one line. @param x Where it begins, or ends if `align` is "right". */
  draw(text: string, x: number, y: number, size: number, align: "left" | "right" = "left"): void {
    let at = align === "right" ? x - this.width(text, size) : x;
    for (const { face, text: run, width } of this.#runsOf(text)) {
      this.document.font(this.#open(face)).fontSize(size).text(run, at, y, { lineBreak: false });
      at += width * size;
    }
  }

  #runsOf(text: string): Sign[] {
    const runs: Sign[] = [];
    for (const sign of this.#signsOf(text)) {
      const last = runs.at(-1);
      if (last?.face === sign.face) {
        runs[runs.length - 1] = { face: sign.face, text: last.text + sign.text, width: last.width + sign.width };
      } else runs.push(sign);
    }
    return runs;
  }

  #signsOf(text: string): Sign[] {
    return Array.from(text, (character) => {
      const known = this.#signs.get(character) ?? this.#find(character);
      this.#signs.set(character, known);
      return known;
    });
  }

  #find(character: string): Sign {
    for (const face of ORDER[this.language]) {
      this.document.font(this.#open(face)).fontSize(1_000);
      // What pdfkit does not tell: whether the font has the character, or draws an empty box.
      const { font } = (this.document as unknown as Embedded)._font;
      if (!font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0)) continue;
      return { text: character, face, width: this.document.widthOfString(character) / 1_000 };
    }
    return character === MISSING ? { text: "", face: "latin", width: 0 } : this.#find(MISSING);
  }

  #open(face: Face): Face {
    if (!this.#opened.has(face)) this.document.registerFont(face, this.faces[face]);
    this.#opened.add(face);
    return face;
  }
}
