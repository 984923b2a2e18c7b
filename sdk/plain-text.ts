/** Control characters, halves of characters, and what turns the direction of text around, by which a name can look like another. */
const UNSEEN = "\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069";

/** Text that people can be shown as it is, and that is not blank. */
export const PLAIN_TEXT = `^[^${UNSEEN}]*[^${UNSEEN}\\s][^${UNSEEN}]*$`;

const PLAIN = new RegExp(PLAIN_TEXT, "u");

/** @param maximum Characters, not their halves. */
export function isPlainText(text: string, maximum: number): boolean {
  return Array.from(text).length <= maximum && PLAIN.test(text);
}
