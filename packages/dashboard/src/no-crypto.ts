/** In the place of node:crypto, which a browser lacks: the pages take schemas from the bridge and hash nothing. */
export function createHash(): never {
  throw new Error("the dashboard does not hash");
}
