const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => "---")).replaceAll(" ", ""), ...rows.map(row)].join("\n");

/** Two numbers, the first at best; one where they are the same. */
export const range = (best: string, worst: string): string => (best === worst ? best : `${best} – ${worst}`);

export const dollars = (amount: number): string => `$${amount.toFixed(2)}`;

/** With commas, and as many decimals as it has, up to two. */
export const number = (amount: number): string => amount.toLocaleString("en-US", { maximumFractionDigits: 2 });
