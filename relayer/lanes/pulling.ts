import { dataLength, Interface, toBeHex, ZeroHash } from "ethers";

import { authorizationNumber, type PulledFunding } from "../../sdk/gateway-typed-data.ts";
import type { CompactSignature } from "../../sdk/signature.ts";
import { IGateway__factory } from "../../typechain-types/factories/contracts/interfaces/IGateway__factory.ts";
import {
  gasLimit,
  groupHolds,
  groupIntoBatches,
  type HoldToOpen,
  type PayableRow,
  PULLED_HOLD_GAS,
  PULLED_PAYMENT_GAS,
  type RowGas,
} from "../batching/batches.ts";
import { openBatch } from "./opening.ts";
import type { PaymentCall } from "./settlement.ts";

const GATEWAY = new Interface(IGateway__factory.abi);

/** What the Gateway keeps ready for each row, used or not, and passes through two calls: see its `ROW_GAS`. */
const ROW_RESERVE = 560_000;
const BYTE_GAS = 50;

/** `Gateway.pay` of as many rows as the gas allows. */
export function pullingCall<R extends PayableRow>(
  gateway: string,
  funding: PulledFunding,
  maxGas: number,
): PaymentCall<R> {
  const { row, batch } = PULLED_PAYMENT_GAS;
  return {
    to: gateway,
    encode(rows) {
      const { batches } = groupIntoBatches(rows, maxGas - ROW_RESERVE, batch, pulledRowGas(row));
      const ordered = batches.flatMap((of) => of.rows);
      const long = longSignatures(ordered);
      const encoded = batches.map((of) => ({
        ...of,
        rows: of.rows.map((item) => ({ ...item, ...long.placeOf(item) })),
      }));
      return {
        rows: ordered,
        batches: batches.length,
        data: GATEWAY.encodeFunctionData("pay", [authorizationNumber(funding), encoded, long.signatures]),
        gasLimit: pulledGasLimit(batches, batch, row, maxGas),
      };
    },
    decode: (answer) => (GATEWAY.decodeFunctionResult("pay", answer)[0] as bigint[][]).flat(),
  };
}

/** `Gateway.open` of as many rows as the gas allows. */
export function pulledOpeningCall<R extends HoldToOpen>(
  gateway: string,
  funding: PulledFunding,
  maxGas: number,
): PaymentCall<R> {
  const { row, batch } = PULLED_HOLD_GAS;
  return {
    to: gateway,
    encode(rows) {
      const { groups } = groupHolds(rows, maxGas - ROW_RESERVE, batch, pulledRowGas(row));
      const ordered = groups.flatMap((of) => of.rows);
      const long = longSignatures(ordered);
      const batches = groups.map((group) => openBatch(group, long.placeOf));
      return {
        rows: ordered,
        batches: groups.length,
        data: GATEWAY.encodeFunctionData("open", [authorizationNumber(funding), batches, long.signatures]),
        gasLimit: pulledGasLimit(groups, batch, row, maxGas),
      };
    },
    decode: (answer) => (GATEWAY.decodeFunctionResult("open", answer)[0] as bigint[][]).flat(),
  };
}

/** A signature that is not compact may be a wallet's, which may spend all that the Gateway lets it. */
function pulledRowGas(gas: number): RowGas<PayableRow> {
  return ({ signature }) => (signature === null ? gas : Math.max(gas, ROW_RESERVE) + dataLength(signature) * BYTE_GAS);
}

/**
 * Room for each row to use all that the Gateway lets it, as far as the limit goes: an account can get code after it was
 * simulated, and a row that burns its gas must not take the others' along.
 */
function pulledGasLimit(
  groups: readonly { readonly rows: readonly PayableRow[] }[],
  batch: number,
  row: number,
  maxGas: number,
): number {
  const expected = ROW_RESERVE + gasLimit(groups, batch, pulledRowGas(row));
  const worst = ROW_RESERVE + gasLimit(groups, batch, pulledRowGas(ROW_RESERVE));
  return Math.max(expected, Math.min(worst, maxGas));
}

/** Signatures that travel beside the rows, and what stands in the rows for them: a zero word and their index. */
function longSignatures(rows: readonly PayableRow[]): {
  readonly signatures: readonly string[];
  readonly placeOf: (row: PayableRow) => CompactSignature;
} {
  const signatures: string[] = [];
  const places = new Map<string, CompactSignature>();
  for (const { id, signature } of rows) {
    if (signature === null) continue;
    places.set(id, { r: ZeroHash, vs: toBeHex(signatures.length, 32) });
    signatures.push(signature);
  }
  return { signatures, placeOf: (row) => places.get(row.id) ?? row };
}
