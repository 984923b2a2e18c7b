import type { Change } from "./build.ts";

/** A mistake in a library, and the checks that have to find a counterexample then. */
export interface Planted extends Change {
  readonly refutes: readonly string[];
}

const LIBRARIES = "contracts/libraries";

/** For each check one mistake at least: a check that nothing refutes proves nothing. */
export const PLANTED: readonly Planted[] = [
  {
    file: `${LIBRARIES}/Fees.sol`,
    from: "return fee < amount ? uint128(fee) : amount;",
    to: "return uint128(fee);",
    refutes: [
      "Fees.NeverAboveThePayment",
      "Fees.NothingOverflows",
      "Fees.AFlatFeeIsAdded",
      "Fees.ThePayeesPartNeverFalls",
    ],
  },
  {
    file: `${LIBRARIES}/Fees.sol`,
    from: "(uint256(amount) * agreement.feeBps) / BPS",
    to: "(uint256(amount) * agreement.feeBps + BPS - 1) / BPS",
    refutes: ["Fees.RoundsForThePayee", "Fees.RowsNeverCostMoreThanTheirSum"],
  },
  {
    file: `${LIBRARIES}/NonceWindow.sol`,
    from: "if (age >= SIZE)",
    to: "if (age > SIZE)",
    refutes: ["NonceWindow.CodeIsTheModels", "NonceWindow.AcceptedIsRefusedNext", "NonceWindow.RefusedStaysRefused"],
  },
  {
    file: `${LIBRARIES}/NonceWindow.sol`,
    from: "(window << shift) | 1",
    to: "(window << shift) | 3",
    refutes: ["NonceWindow.AcceptanceSpendsThatNonceAlone"],
  },
  {
    file: `${LIBRARIES}/NonceWindow.sol`,
    from: "uint56(nonce + 1)",
    to: "uint56(nonce)",
    refutes: ["NonceWindow.NextNonceNeverFalls"],
  },
  {
    file: `${LIBRARIES}/NonceWindow.sol`,
    from: "return (RowCode.NonceUsed, nextNonce, window);",
    to: "return (RowCode.NonceUsed, nextNonce, window | 1);",
    refutes: ["NonceWindow.ARefusalChangesNothing"],
  },
  {
    file: `${LIBRARIES}/Accounts.sol`,
    from: "FLAG_AT = 248",
    to: "FLAG_AT = 247",
    refutes: ["NonceWindow.NothingElseInTheSlotChanges", "NonceWindow.ABalanceIsWrittenAlone"],
  },
  {
    file: `${LIBRARIES}/Rates.sol`,
    from: "+ whole - 1) / whole",
    to: ") / whole",
    refutes: [
      "Rates.NothingOverflows",
      "Rates.CostIsTheLeastThatTheMakerAccepts",
      "Rates.AllOfItCostsWhatTheQuoteSays",
      "Rates.CuttingIsNeverCheaper",
    ],
  },
  {
    file: `${LIBRARIES}/Rates.sol`,
    from: "(uint256(payAmount) * quote.settleAmount) / quote.payAmount",
    to: "(uint256(payAmount) * quote.settleAmount) / quote.payAmount + 1",
    refutes: ["Rates.BoughtIsRoundedForTheMaker", "Rates.WhatIsBoughtIsPaidFor"],
  },
  {
    file: `${LIBRARIES}/Rates.sol`,
    from: "(paid * later) / settled - (paid * before) / settled",
    to: "(paid * later) / settled",
    refutes: ["Rates.RefundsComeToWhatWasPaid", "Rates.ARefundIsItsShare"],
  },
  {
    file: `${LIBRARIES}/Splits.sol`,
    from: "(rest.later * split.shareBps) / rest.bps",
    to: "(rest.later * split.shareBps) / rest.bps + 1",
    refutes: [
      "Splits.NothingIsMadeOrLost",
      "Splits.TheLastTakesTheRest",
      "Splits.NobodyHasLessThanHerShare",
      "Splits.NobodyHasMoreThanAUnitForEachBefore",
    ],
  },
];
