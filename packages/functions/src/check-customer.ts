import { checkCustomer } from "@crossfade/legacy";
import { composeCustomers } from "./compose.ts";
import { orderCheck } from "./order-check.ts";

const customers = composeCustomers();

/** "Is the customer in good standing?" */
export const handler = orderCheck("customer", (task) => checkCustomer(customers, task));
