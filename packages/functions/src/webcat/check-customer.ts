import { checkCustomer } from "@crossfade/legacy";
import { orderCheck } from "../order-check.ts";
import { composeCustomers } from "./compose.ts";

const customers = composeCustomers();

/** "Is the customer in good standing?" */
export const handler = orderCheck("customer", (task) => checkCustomer(customers, task));
