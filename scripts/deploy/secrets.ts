/** Shorter values are no secrets, and would hide half of what is said. */
const LEAST = 6;

/** Takes keys, and what is secret of URLs, out of whatever is printed. */
export class Secrets {
  readonly #replacements = new Map<string, string>();

  addKey(key: string): void {
    const bare = key.trim().replace(/^0x/i, "");
    if (bare.length >= LEAST) this.#replacements.set(bare.toLowerCase(), "[secret]");
  }

  /** Providers put their keys into path, query or user. */
  addUrl(url: string): void {
    if (!URL.canParse(url)) {
      this.addKey(url);
      return;
    }
    const { pathname, search, username, password } = new URL(url);
    for (const part of [
      pathname.replaceAll("/", "") === "" ? "" : pathname.slice(1),
      search.slice(1),
      username,
      password,
    ]) {
      if (part.length >= LEAST) this.#replacements.set(part.toLowerCase(), "[secret]");
    }
  }

  clean(text: string): string {
    let cleaned = text;
    for (const [secret, instead] of this.#replacements) {
      cleaned = cleaned.replaceAll(new RegExp(secret.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi"), instead);
    }
    return cleaned;
  }
}
