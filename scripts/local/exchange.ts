import { readFileSync } from "node:fs";

import type { NonceManager } from "ethers";
import { type JsonRpcProvider, Wallet } from "ethers";

import { dayAt, parseSeries } from "../../maker/rates/series.ts";
import { FEED_DECIMALS, usdPrice } from "../../maker/rates/usd-prices.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { TestFeed__factory } from "../../typechain-types/factories/contracts/mocks/TestFeed__factory.ts";
import { TestToken__factory } from "../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import { Exchange__factory } from "../../typechain-types/factories/contracts/schemes/Exchange__factory.ts";
import type { LocalDeployment } from "./deploy.ts";

/** Where the local replay of reference rates begins, and stays for a day. */
const REPLAY = { from: "2026-10-01", secondsPerDay: 86_400 };
const RATES = "maker/rates/ecb.csv";
/** What the maker has of each currency, in whole euros. */
const INVENTORY_EUROS = 50_000_000n;
const SPREAD_BPS = 25;
const GUARD = { maxAge: 86_400, maxDeviationBps: 200 };

/** A currency of the local chain; its feed prices it in dollars. */
interface Currency {
  readonly name: "USD" | "EUR" | "JPY";
  readonly token: string;
  /** Absent: it is the dollar. */
  readonly feed?: string;
}

export function localCurrencies({ dollar, euro, yen, euroFeed, yenFeed }: LocalDeployment): readonly Currency[] {
  return [
    { name: "USD", token: dollar },
    { name: "EUR", token: euro, feed: euroFeed },
    { name: "JPY", token: yen, feed: yenFeed },
  ];
}

/** Posts the prices of the replay's first day and has quotes of every pair held against them. */
export async function openGuards(deployment: LocalDeployment, deployer: NonceManager): Promise<void> {
  const day = dayAt(parseSeries(readFileSync(RATES, "utf8")), REPLAY, 0);
  const currencies = localCurrencies(deployment);
  for (const { name, feed } of currencies) {
    if (feed === undefined) continue;
    await (await TestFeed__factory.connect(feed, deployer).setAnswer(usdPrice(day, name))).wait();
  }
  const exchange = Exchange__factory.connect(deployment.exchange, deployer);
  const unit = "0x0000000000000000000000000000000000000000";
  for (const pay of currencies) {
    for (const settle of currencies) {
      if (pay === settle) continue;
      const terms = { payFeed: pay.feed ?? unit, settleFeed: settle.feed ?? unit, ...GUARD };
      await (await exchange.setGuard(pay.token, settle.token, terms)).wait();
    }
  }
}

/** Gives the maker an inventory of every currency, which she allows the Exchange to take. */
export async function stockMaker(
  deployment: LocalDeployment,
  deployer: NonceManager,
  provider: JsonRpcProvider,
  key: string,
): Promise<void> {
  const maker = new Wallet(key, provider);
  const ledger = Ledger__factory.connect(deployment.ledger, deployer);
  const address = await deployer.getAddress();
  for (const { token, name } of localCurrencies(deployment)) {
    const coin = TestToken__factory.connect(token, deployer);
    const perEuro = name === "JPY" ? 200n : 1n;
    const amount = INVENTORY_EUROS * perEuro * 10n ** (await coin.decimals());
    await (await coin.mint(address, amount)).wait();
    await (await coin.approve(deployment.ledger, amount)).wait();
    await (await ledger.deposit(token, maker.address, amount)).wait();
  }
  await (await ledger.connect(maker).setOperator(deployment.exchange, true)).wait();
}

/** The settings of the local maker's process. */
export function makerEnvironment(deployment: LocalDeployment, rpcUrl: string, key: string): Record<string, string> {
  return {
    MAKER_KEY: key,
    MAKER_RPC_URL: rpcUrl,
    MAKER_EXCHANGE: deployment.exchange,
    MAKER_CURRENCIES: localCurrencies(deployment)
      .map(({ token, name }) => `${token}=${name}`)
      .join(","),
    MAKER_SPREAD_BPS: String(SPREAD_BPS),
    MAKER_CAPACITY_EUR: "1000000",
    MAKER_RATES: RATES,
    MAKER_RATES_FROM: REPLAY.from,
    MAKER_SECONDS_PER_DAY: String(REPLAY.secondsPerDay),
    MAKER_PORT: "0",
    MAKER_LOG_LEVEL: "warn",
  };
}

/** One unit of a feed's price. */
export const FEED_UNIT = 10n ** BigInt(FEED_DECIMALS);
