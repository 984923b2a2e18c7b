/** Active codes of ISO 4217 (list one, amendment 176) by the places of their minor unit; codes without one are no money here. */
const BY_PLACES: Readonly<Record<number, string>> = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU
    CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS
    KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB
    PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD
    TZS UAH USD USN UYU UZS VED VES WST XCD YER ZAR ZMW ZWG`,
  3: "BHD IQD JOD KWD LYD OMR TND",
  4: "CLF UYW",
};

const PLACES: ReadonlyMap<string, number> = new Map(
  Object.entries(BY_PLACES).flatMap(([places, codes]) =>
    codes.split(/\s+/).map((code): [string, number] => [code, Number(places)]),
  ),
);

/** Tokens whose issuers promise a currency, by their symbols as they write them; see docs/statements.md. */
const TOKENS: Readonly<Record<string, readonly string[]>> = {
  USD: [
    "USDC",
    "USDC.e",
    "USDT",
    "USD₮0",
    "USDT0",
    "PYUSD",
    "USDP",
    "USDG",
    "FDUSD",
    "TUSD",
    "GUSD",
    "RLUSD",
    "USDS",
    "DAI",
    "tUSD",
  ],
  EUR: ["EURC", "EURS", "EURCV", "EURI", "EURQ", "EURe", "tEUR"],
  JPY: ["JPYC", "GYEN", "tJPY"],
  SGD: ["XSGD"],
  GBP: ["tGBP", "GBPe"],
  BRL: ["BRZ", "BRLA"],
  MXN: ["MXNB"],
  TRY: ["TRYB"],
  IDR: ["XIDR", "IDRX", "IDRT"],
  AUD: ["AUDD", "AUDF"],
  CAD: ["CADC", "QCAD"],
  PHP: ["PHPC"],
  NGN: ["cNGN"],
  ZAR: ["ZARP"],
  CHF: ["ZCHF"],
};

const BY_SYMBOL: ReadonlyMap<string, string> = new Map(
  Object.entries(TOKENS).flatMap(([code, symbols]) => symbols.map((symbol): [string, string] => [symbol, code])),
);

/** Whether it is an active currency of ISO 4217. */
export function isIsoCurrency(code: string): boolean {
  return PLACES.has(code);
}

/** Places of the currency's minor unit: 2 of EUR, 0 of JPY, 3 of KWD. @throws RangeError of a code that is none. */
export function isoPlaces(code: string): number {
  const places = PLACES.get(code);
  if (places === undefined) throw new RangeError(`${code} is no active currency of ISO 4217`);
  return places;
}

/**
 * The currency that a token stands for: by its symbol in the table, or if the symbol is itself a code. A token can call itself what
 * it likes; which tokens are settled, and what they stand for, is their operator's word.
 */
export function isoCurrencyOf(symbol: string): string | null {
  return BY_SYMBOL.get(symbol) ?? (PLACES.has(symbol) ? symbol : null);
}
