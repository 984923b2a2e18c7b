/** What to report. Times in Unix seconds; `to` is exclusive. */
export interface MerchantReportRequest {
  readonly from: number;
  readonly to: number;
  /** How long each step of the series is, beginning at `from`. */
  readonly bucket: "hour" | "day";
  /** By a merchant's key or session it is she; the operator says who. */
  readonly merchant?: string;
}

/**
 * What a merchant's payments come to, by when their blocks were mined. Amounts in smallest units of the token that the merchant
 * gets, as decimal strings. A payment into a hold counts when the hold is opened, with its whole amount.
 */
export interface MerchantReport {
  readonly merchant: string;
  readonly from: number;
  readonly to: number;
  readonly bucket: "hour" | "day";
  readonly totals: readonly TokenSums[];
  /** Steps in which nothing happened are left out. */
  readonly series: readonly (TokenSums & { readonly start: number })[];
  readonly corridors: readonly ReportCorridor[];
  /** From accepted to settled; null if nothing settled. */
  readonly settleSeconds: SettleTimes | null;
  readonly settleSeries: readonly (SettleTimes & { readonly start: number })[];
  /** Accepted payments that ended otherwise, by cause; by when they were accepted. */
  readonly refusals: readonly { readonly code: string; readonly payments: number }[];
}

export interface TokenSums {
  readonly token: string;
  readonly payments: number;
  readonly volume: string;
  /** What the operator kept. */
  readonly fees: string;
}

export interface SettleTimes {
  readonly payments: number;
  readonly p50: number;
  readonly p95: number;
}

/** From whose country in which token, to the merchant's country and token. A country that nobody said is null. */
export interface ReportCorridor {
  readonly payerCountry: string | null;
  readonly payToken: string;
  readonly merchantCountry: string | null;
  readonly settleToken: string;
  readonly payments: number;
  readonly volume: string;
}
