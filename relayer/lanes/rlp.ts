/** Bytes, or a list. */
export type Rlp = Buffer | readonly Rlp[];

const SHORT = 55;
const BYTES = 0x80;
const LIST = 0xc0;

/** Recursive Length Prefix, as the Yellow Paper has it in appendix B. */
export function encodeRlp(item: Rlp): Buffer {
  if (!Buffer.isBuffer(item)) {
    const content = Buffer.concat(item.map(encodeRlp));
    return Buffer.concat([prefix(content.length, LIST), content]);
  }
  if (item.length === 1 && (item[0] ?? BYTES) < BYTES) return item;
  return Buffer.concat([prefix(item.length, BYTES), item]);
}

function prefix(length: number, offset: number): Buffer {
  if (length <= SHORT) return Buffer.from([offset + length]);
  const text = length.toString(16);
  const size = Buffer.from(text.length % 2 === 0 ? text : `0${text}`, "hex");
  return Buffer.concat([Buffer.from([offset + SHORT + size.length]), size]);
}
