import * as z from "zod";

/** An amount in the currency's minor unit (cents), 0 to 99,999,999: the range card providers accept. */
export const Amount = z.int().min(0).max(99_999_999);

/** A charge authorised when the order was placed, to be captured or cancelled at its end (N6). */
export const Payment = z.strictObject({
  authorisationId: z.string().min(1).max(200),
  amount: Amount,
});
export type Payment = z.infer<typeof Payment>;
