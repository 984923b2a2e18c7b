/** Control characters, halves of characters, and what turns the direction of text around, by which a name can look like another. */
const UNSEEN = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/u;

/** Whether people can be shown a text as it is: 1 to `maximum` characters, not blank. */
export function isPlainText(text: string, maximum: number): boolean {
  return text.trim() !== "" && Array.from(text).length <= maximum && !UNSEEN.test(text);
}

export const COUNTRY = "a country by ISO 3166-1 alpha-2, such as PT";

const REGIONS = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
/** What has a name there and is not, or no longer, assigned by the standard. */
const NOT_ASSIGNED = new Set(
  "AC AN BU CP CQ CS DD DG DY EA EU EZ FX HV IC NH QO RH SU TA TP UK UN VD XA XB XK YD YU ZR ZZ".split(" "),
);

export function isCountry(text: string): boolean {
  return /^[A-Z]{2}$/.test(text) && !NOT_ASSIGNED.has(text) && REGIONS.of(text) !== undefined;
}
