import { resolve } from "node:path";
import { installPlatform } from "./install-platform.ts";

/** For a run of this project alone: `npm test` has installed it before. */
export default (): Promise<void> => installPlatform(resolve(import.meta.dirname, "../.."), (line) => console.log(line));
