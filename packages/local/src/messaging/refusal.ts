const ESCAPED: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** An error of SNS's query protocol. */
export function snsError(code: string, message: string): string {
  const text = message.replaceAll(/[&<>]/g, (character) => ESCAPED[character] ?? "");
  return `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${text}</Message></Error></ErrorResponse>`;
}
