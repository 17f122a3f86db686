import "react";

declare module "react" {
  interface CSSProperties {
    /** Where the thumb of a slider stands. */
    "--at"?: string;
  }
}
