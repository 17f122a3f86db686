import { defineMigration } from "@crossfade/bridge";
import { refreshDomain, registerDomain, renewDomain, updateDns } from "./routes.ts";
import { tracking } from "./tracking.ts";

/** WebCat's migration: everything the bridge must know to move it. */
export const webcat = defineMigration({
  name: "webcat",
  tracking,
  routes: [registerDomain, renewDomain, refreshDomain, updateDns],
});
