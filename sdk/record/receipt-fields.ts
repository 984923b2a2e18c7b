import { isAddress, isHexString } from "ethers";

import { MAX_AMOUNT } from "../typed-data.ts";

/** A text that is no receipt of this version; `field` says where. */
export class ReceiptError extends Error {
  constructor(
    readonly field: string,
    expected: string,
  ) {
    super(field === "" ? `A receipt is ${expected}` : `${field} is not ${expected}`);
    this.name = "ReceiptError";
  }
}

/** An object of a stranger's; each member is read by what it must be. */
export class Fields {
  readonly value: Readonly<Record<string, unknown>>;

  constructor(
    value: unknown,
    readonly path: string,
  ) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ReceiptError(path, "an object");
    this.value = value as Record<string, unknown>;
  }

  of(name: string): unknown {
    return Object.hasOwn(this.value, name) ? this.value[name] : undefined;
  }

  object(name: string): Fields {
    return new Fields(this.of(name), this.#at(name));
  }

  list(name: string, most: number): readonly Fields[] {
    const list = this.of(name);
    if (!Array.isArray(list) || list.length > most) throw new ReceiptError(this.#at(name), `a list of up to ${most}`);
    return list.map((item: unknown, index) => new Fields(item, `${this.#at(name)}.${index}`));
  }

  hex(name: string, length?: number): string {
    const value = this.of(name);
    const isBytes = isHexString(value, length ?? true);
    if (!isBytes)
      throw new ReceiptError(this.#at(name), length === undefined ? "bytes in hex" : `${length} bytes in hex`);
    return value.toLowerCase();
  }

  address(name: string): string {
    const value = this.of(name);
    if (typeof value !== "string" || !value.startsWith("0x") || !isAddress(value)) {
      throw new ReceiptError(this.#at(name), "an address");
    }
    return value;
  }

  addressOrNull(name: string): string | null {
    return this.of(name) === null ? null : this.address(name);
  }

  whole(name: string, most: bigint): bigint {
    const value = this.of(name);
    const isDecimal = typeof value === "string" && /^(0|[1-9][0-9]{0,77})$/.test(value);
    if (!isDecimal || BigInt(value) > most) throw new ReceiptError(this.#at(name), `a decimal string up to ${most}`);
    return BigInt(value);
  }

  amount(name: string): string {
    return String(this.whole(name, MAX_AMOUNT));
  }

  small(name: string, most: number): number {
    const value = this.of(name);
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > most) {
      throw new ReceiptError(this.#at(name), `a whole number up to ${most}`);
    }
    return value;
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.of(name));
    if (found === undefined) throw new ReceiptError(this.#at(name), `one of ${choices.join(", ")}`);
    return found;
  }

  /** Pieces of bytes in hex, in their order. */
  hexList(name: string, most: number): readonly string[] {
    return this.#members(name, most, (members, index) => members.hex(index));
  }

  smallList(name: string, most: number, largest: number): readonly number[] {
    return this.#members(name, most, (members, index) => members.small(index, largest));
  }

  #members<T>(name: string, most: number, read: (members: Fields, index: string) => T): readonly T[] {
    const list = this.of(name);
    if (!Array.isArray(list) || list.length > most) throw new ReceiptError(this.#at(name), `a list of up to ${most}`);
    const members = new Fields(Object.fromEntries(list.entries()), this.#at(name));
    return list.map((_item: unknown, index) => read(members, String(index)));
  }

  #at(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }
}
