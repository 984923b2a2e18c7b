import { AbiCoder, concat, dataLength, dataSlice, isHexString } from "ethers";

/** ERC-6492's mark, at the end of a wrapped signature. */
const MARK = "0x6492649264926492649264926492649264926492649264926492649264926492";
const MARK_DIGITS = MARK.slice(2);

const MEMBERS = ["address", "bytes", "bytes"];

/** A signature of a contract wallet that is not deployed yet, and how it comes to be. */
export interface WrappedSignature {
  readonly factory: string;
  /** What the factory is called with. */
  readonly factoryCalldata: string;
  /** What the wallet itself takes, once it is there. */
  readonly signature: string;
}

/**
 * Wraps the signature of a wallet that is not deployed yet, by ERC-6492:
 * `abi.encode(factory, factoryCalldata, signature) ‖ 0x6492…6492`.
 *
 * @example
 * wrapSignature({ factory, factoryCalldata, signature: await owner.signTypedData(domain, PAYMENT_TYPES, payment) })
 */
export function wrapSignature({ factory, factoryCalldata, signature }: WrappedSignature): string {
  return concat([AbiCoder.defaultAbiCoder().encode(MEMBERS, [factory, factoryCalldata, signature]), MARK]);
}

/** What {@link wrapSignature} wrapped; `undefined` of whatever is no wrapped signature. Never throws. */
export function unwrapSignature(text: string): WrappedSignature | undefined {
  if (!text.toLowerCase().endsWith(MARK_DIGITS) || !isHexString(text) || text.length % 2 !== 0) return undefined;
  try {
    const body = dataSlice(text, 0, dataLength(text) - dataLength(MARK));
    const [factory, factoryCalldata, signature] = AbiCoder.defaultAbiCoder().decode(MEMBERS, body) as unknown as [
      string,
      string,
      string,
    ];
    return { factory, factoryCalldata, signature };
  } catch {
    return undefined;
  }
}
