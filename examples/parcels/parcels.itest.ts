import { crossing } from "./testing/crossing.ts";
import { startWorld } from "./testing/world.ts";

crossing((troubles) => startWorld(troubles));
