import type { Queryable } from "./database.ts";
import type { StoredTerms } from "./payments.ts";

/** What a merchant asks to be paid, once. */
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
  /** The payment that pays it; one that was refused frees it again. */
  readonly paymentId: string | null;
  readonly createdAt: Date;
}

const COLUMNS = `id, merchant, token, amount, capture, memo, terms, expires_at AS "expiresAt",
  payment_id AS "paymentId", created_at AS "createdAt"`;

export async function insertPaymentRequest(
  db: Queryable,
  request: Omit<PaymentRequest, "paymentId" | "createdAt">,
): Promise<PaymentRequest> {
  const { rows } = await db.query<PaymentRequest>(
    `INSERT INTO payment_requests (id, merchant, token, amount, capture, memo, terms, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING ${COLUMNS}`,
    [
      request.id,
      request.merchant,
      request.token,
      request.amount,
      request.capture,
      request.memo,
      request.terms === null ? null : JSON.stringify(request.terms),
      request.expiresAt,
    ],
  );
  const row = rows[0];
  if (row === undefined) throw new Error("The payment request was not stored");
  return row;
}

export async function findPaymentRequest(db: Queryable, id: string): Promise<PaymentRequest | undefined> {
  const { rows } = await db.query<PaymentRequest>(`SELECT ${COLUMNS} FROM payment_requests WHERE id = $1`, [id]);
  return rows[0];
}

/** The newest payment requests, or the next ones behind `after`. @param merchant Hers only; absent: all. */
export async function listPaymentRequests(
  db: Queryable,
  merchant: string | undefined,
  after: string | undefined,
  limit: number,
): Promise<PaymentRequest[]> {
  const { rows } = await db.query<PaymentRequest>(
    `SELECT ${COLUMNS} FROM payment_requests
     WHERE ($1::text IS NULL OR merchant = $1)
       AND ($2::uuid IS NULL OR (created_at, id) < (SELECT a.created_at, a.id FROM payment_requests a WHERE a.id = $2))
     ORDER BY created_at DESC, id DESC LIMIT $3`,
    [merchant ?? null, after ?? null, limit],
  );
  return rows;
}

/** Payment requests locked until the transaction ends, without the payments that were refused. */
export async function lockPaymentRequests(db: Queryable, ids: readonly string[]): Promise<Map<string, PaymentRequest>> {
  const { rows } = await db.query<PaymentRequest>(
    `SELECT ${COLUMNS.replace(
      'payment_id AS "paymentId"',
      `(SELECT p.id FROM payments p WHERE p.id = r.payment_id AND p.state NOT IN ('rejected', 'expired')) AS "paymentId"`,
    )}
     FROM payment_requests r WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`,
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
     WHERE r.id = l.id`,
    [links.map((link) => link.requestId), links.map((link) => link.paymentId)],
  );
}
