/** Lets the live payments be counted out of one small index, whatever pays for them; payments from accounts cost no more by it. */
export const livePayments = `
DROP INDEX payments_live;
CREATE INDEX payments_live ON payments (payer, token) WHERE state IN ('accepted', 'assigned', 'submitted');
`;
