import { isAddress, ZeroAddress } from "ethers";

import type { CurrencyView, NewPaymentRequest } from "../../../sdk/client.ts";
import { BPS, MAX_HOLD_AMOUNT, MAX_RULING_PERIOD, MAX_SPLITS } from "../../../sdk/hold.ts";
import { MAX_AMOUNT } from "../../../sdk/typed-data.ts";
import { readAmount } from "../../parts/show-amount.ts";

/** What a merchant fills in, as text. Times as `datetime-local` inputs have them, in her zone. */
export interface RequestForm {
  readonly title: string;
  readonly token: string;
  readonly amount: string;
  readonly capture: "automatic" | "manual";
  readonly isReusable: boolean;
  readonly payerCountry: string;
  readonly expiresAt: string;
  readonly captureDeadline: string;
  /** Empty: no refunds through the Escrow. */
  readonly refundDeadline: string;
  /** Empty: nobody decides disputes. */
  readonly arbiter: string;
  readonly rulingDays: string;
  readonly payerPercent: string;
  readonly splits: readonly { readonly recipient: string; readonly percent: string }[];
}

export type FormMistake =
  "required" | "amount" | "tooMuch" | "past" | "beforeCapture" | "address" | "country" | "days" | "percent" | "splits";

/** Mistakes by the path of a form's field, such as `splits.0.percent`. */
export type FormMistakes = Readonly<Record<string, FormMistake>>;

const DAY = 86_400n;

/** @param now Unix seconds. @returns the body, or what is wrong with which field. */
export function readRequestForm(
  form: RequestForm,
  currency: CurrencyView | undefined,
  memo: string,
  now: bigint,
): { readonly body: NewPaymentRequest } | { readonly mistakes: FormMistakes } {
  const mistakes: Record<string, FormMistake> = {};
  const amount = currency === undefined ? undefined : readAmount(form.amount, currency.decimals);
  if (currency === undefined) mistakes.token = "required";
  else if (amount === undefined) mistakes.amount = "amount";
  else if (amount > (form.capture === "manual" ? MAX_HOLD_AMOUNT : MAX_AMOUNT)) mistakes.amount = "tooMuch";
  const country = form.payerCountry.trim().toUpperCase();
  if (!/^([A-Z]{2})?$/.test(country)) mistakes.payerCountry = "country";
  const expiresAt = readLocalTime(form.expiresAt);
  if (expiresAt === undefined) mistakes.expiresAt = "required";
  else if (expiresAt <= now) mistakes.expiresAt = "past";
  const hold = form.capture === "manual" ? readHold(form, now, mistakes) : undefined;
  if (amount === undefined || expiresAt === undefined || Object.keys(mistakes).length > 0) return { mistakes };
  return {
    body: {
      ...{ token: form.token, amount: amount.toString(), memo, expiresAt: expiresAt.toString(), capture: form.capture },
      ...(form.title.trim() === "" ? {} : { title: form.title.trim() }),
      ...(country === "" ? {} : { payerCountry: country }),
      ...(form.isReusable ? { reusable: true } : {}),
      ...(hold === undefined ? {} : { hold }),
    },
  };
}

function readHold(
  form: RequestForm,
  now: bigint,
  mistakes: Record<string, FormMistake>,
): NonNullable<NewPaymentRequest["hold"]> {
  const captureDeadline = readLocalTime(form.captureDeadline);
  if (captureDeadline === undefined) mistakes.captureDeadline = "required";
  else if (captureDeadline <= now) mistakes.captureDeadline = "past";
  const refundDeadline = form.refundDeadline === "" ? 0n : readLocalTime(form.refundDeadline);
  if (refundDeadline === undefined) mistakes.refundDeadline = "required";
  else if (refundDeadline !== 0n && refundDeadline < (captureDeadline ?? 0n)) mistakes.refundDeadline = "beforeCapture";
  return {
    captureDeadline: (captureDeadline ?? 0n).toString(),
    refundDeadline: (refundDeadline ?? 0n).toString(),
    splits: readSplits(form, mistakes),
    ...readArbiter(form, mistakes),
  };
}

function readArbiter(form: RequestForm, mistakes: Record<string, FormMistake>) {
  const arbiter = form.arbiter.trim();
  if (arbiter === "") return { arbiter: ZeroAddress, rulingPeriod: "0", defaultPayerBps: 0 };
  if (!isAddress(arbiter)) mistakes.arbiter = "address";
  const days = /^\d{1,3}$/.test(form.rulingDays.trim()) ? BigInt(form.rulingDays.trim()) : 0n;
  if (days < 1n || days * DAY > MAX_RULING_PERIOD) mistakes.rulingDays = "days";
  const defaultPayerBps = readPercent(form.payerPercent);
  if (defaultPayerBps === undefined) mistakes.payerPercent = "percent";
  return { arbiter, rulingPeriod: (days * DAY).toString(), defaultPayerBps: defaultPayerBps ?? 0 };
}

function readSplits({ splits }: RequestForm, mistakes: Record<string, FormMistake>) {
  const read = splits.map(({ recipient, percent }, index) => {
    const shareBps = readPercent(percent);
    if (!isAddress(recipient.trim())) mistakes[`splits.${index}.recipient`] = "address";
    if (shareBps === undefined || shareBps === 0) mistakes[`splits.${index}.percent`] = "percent";
    return { recipient: recipient.trim(), shareBps: shareBps ?? 0 };
  });
  const recipients = new Set(read.map(({ recipient }) => recipient.toLowerCase()));
  const sum = read.reduce((total, { shareBps }) => total + shareBps, 0);
  if (read.length > MAX_SPLITS || recipients.size < read.length || sum > BPS) mistakes.splits = "splits";
  return read;
}

/** @returns hundredths of a percent; undefined unless it is 0 to 100 with at most two decimals. */
export function readPercent(text: string): number | undefined {
  const match = /^(\d{1,3})(?:[.,](\d{1,2}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const bps = Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0"));
  return bps <= BPS ? bps : undefined;
}

/** @returns Unix seconds. */
export function readLocalTime(text: string): bigint | undefined {
  const time = /^\d{4,}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) ? new Date(text).getTime() : NaN;
  return Number.isNaN(time) ? undefined : BigInt(Math.floor(time / 1_000));
}

/** As a `datetime-local` input takes it. @param at Unix seconds. */
export function writeLocalTime(at: number): string {
  const date = new Date(at * 1_000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const FIELDS: Readonly<Record<string, string>> = {
  "hold.captureDeadline": "captureDeadline",
  "hold.refundDeadline": "refundDeadline",
  "hold.arbiter": "arbiter",
  "hold.rulingPeriod": "rulingDays",
  "hold.defaultPayerBps": "payerPercent",
  reusable: "isReusable",
};

/** Where on the form a field of the interface stands. @returns undefined if it has no place there. */
export function formField(field: string | undefined): string | undefined {
  if (field === undefined) return undefined;
  const split = /^hold\.splits[.[](\d+)\]?\.(recipient|shareBps)$/.exec(field);
  if (split !== null) return `splits.${split[1] ?? ""}.${split[2] === "recipient" ? "recipient" : "percent"}`;
  if (field.startsWith("hold.splits")) return "splits";
  const known = FIELDS[field] ?? field;
  return ["title", "token", "amount", "payerCountry", "expiresAt", ...Object.values(FIELDS)].includes(known)
    ? known
    : undefined;
}
