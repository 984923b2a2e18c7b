/** An address or hash by its beginning and end. */
export function shortAddress(text: string): string {
  return text.length > 14 ? `${text.slice(0, 6)}…${text.slice(-4)}` : text;
}
