import type { Queryable } from "./database.ts";
import type { StoredTerms } from "./payments.ts";

/** What a merchant asks to be paid: once, or by any number of payments. */
export interface PaymentRequest {
  readonly id: string;
  readonly merchant: string;
  readonly token: string;
  readonly amount: bigint;
  readonly capture: "automatic" | "manual";
  readonly memo: string;
  /** Of a hold; null if the merchant is paid at once. */
  readonly terms: StoredTerms | null;
  readonly expiresAt: bigint;
  /** What is paid for, as the payer reads it. */
  readonly title: string | null;
  /** By ISO 3166-1 alpha-2. */
  readonly payerCountry: string | null;
  /** Whether any number of payments may pay it. */
  readonly reusable: boolean;
  /** The payment that pays it; one that was refused frees it again. Never set if it is reusable. */
  readonly paymentId: string | null;
  readonly createdAt: Date;
}

/** A payment request with what became of it, and how its merchant shows herself. */
export interface ShownRequest extends PaymentRequest {
  /** Payments for it that were not refused. */
  readonly payments: bigint;
  readonly merchantName: string | null;
  readonly merchantCountry: string | null;
}

const COLUMNS = `r.id, r.merchant, r.token, r.amount, r.capture, r.memo, r.terms, r.expires_at AS "expiresAt", r.title,
  r.payer_country AS "payerCountry", r.reusable, r.payment_id AS "paymentId", r.created_at AS "createdAt"`;

/** Of a reusable request, the newest payment stands for it. */
const SHOWN = `SELECT ${COLUMNS.replace('r.payment_id AS "paymentId"', 'coalesce(r.payment_id, n.id) AS "paymentId"')},
    (SELECT count(*) FROM payments p WHERE p.request_id = r.id AND p.state NOT IN ('rejected', 'expired')) AS payments,
    m.name AS "merchantName", m.country AS "merchantCountry"
  FROM payment_requests r
  LEFT JOIN merchants m ON m.address = r.merchant
  LEFT JOIN LATERAL (
    SELECT p.id FROM payments p
    WHERE r.reusable AND p.request_id = r.id AND p.state NOT IN ('rejected', 'expired')
    ORDER BY p.accepted_at DESC, p.id DESC LIMIT 1) n ON true`;

export async function insertPaymentRequest(
  db: Queryable,
  request: Omit<PaymentRequest, "paymentId" | "createdAt">,
): Promise<ShownRequest> {
  await db.query(
    `INSERT INTO payment_requests
       (id, merchant, token, amount, capture, memo, terms, expires_at, title, payer_country, reusable)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING`,
    [
      request.id,
      request.merchant,
      request.token,
      request.amount,
      request.capture,
      request.memo,
      request.terms === null ? null : JSON.stringify(request.terms),
      request.expiresAt,
      request.title,
      request.payerCountry,
      request.reusable,
    ],
  );
  const stored = await findPaymentRequest(db, request.id);
  if (stored === undefined) throw new Error("The payment request was not stored");
  return stored;
}

export async function findPaymentRequest(db: Queryable, id: string): Promise<ShownRequest | undefined> {
  const { rows } = await db.query<ShownRequest>(`${SHOWN} WHERE r.id = $1`, [id]);
  return rows[0];
}

/** The newest payment requests, or the next ones behind `after`. @param merchant Hers only; absent: all. */
export async function listPaymentRequests(
  db: Queryable,
  merchant: string | undefined,
  after: string | undefined,
  limit: number,
): Promise<ShownRequest[]> {
  const { rows } = await db.query<ShownRequest>(
    `${SHOWN}
     WHERE ($1::text IS NULL OR r.merchant = $1)
       AND ($2::uuid IS NULL OR (r.created_at, r.id) < (SELECT a.created_at, a.id FROM payment_requests a WHERE a.id = $2))
     ORDER BY r.created_at DESC, r.id DESC LIMIT $3`,
    [merchant ?? null, after ?? null, limit],
  );
  return rows;
}

/**
 * Payment requests, without the payments that were refused. Those that one payment only may pay are locked until the transaction
 * ends; payers of a reusable one do not wait for each other.
 */
export async function lockPaymentRequests(db: Queryable, ids: readonly string[]): Promise<Map<string, PaymentRequest>> {
  const live = COLUMNS.replace(
    'r.payment_id AS "paymentId"',
    `(SELECT p.id FROM payments p WHERE p.id = r.payment_id AND p.state NOT IN ('rejected', 'expired')) AS "paymentId"`,
  );
  await db.query("SELECT 1 FROM payment_requests WHERE id = ANY($1::uuid[]) AND NOT reusable ORDER BY id FOR UPDATE", [
    ids,
  ]);
  // Only a statement that begins under the lock sees the payment that its last holder stored.
  const { rows } = await db.query<PaymentRequest>(
    `SELECT ${live} FROM payment_requests r WHERE r.id = ANY($1::uuid[])`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Notes the payments that pay their requests. */
export async function linkPaymentRequests(
  db: Queryable,
  links: readonly { readonly requestId: string; readonly paymentId: string }[],
): Promise<void> {
  if (links.length === 0) return;
  await db.query(
    `UPDATE payment_requests r SET payment_id = l.payment FROM unnest($1::uuid[], $2::text[]) AS l (id, payment)
     WHERE r.id = l.id AND NOT r.reusable`,
    [links.map((link) => link.requestId), links.map((link) => link.paymentId)],
  );
}
