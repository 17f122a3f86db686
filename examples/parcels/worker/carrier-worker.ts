import { serviceWorker } from "@crossfade/functions/service-worker";
import { carrierService } from "./carrier-service.ts";

/** The carrier's worker: it reads ACTIVITY_ARN and SERVICE_URL, and works until it is told to stop. */
await serviceWorker("carrier", carrierService);
