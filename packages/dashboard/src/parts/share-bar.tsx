/** How requests are divided between the old path (left) and the new one (right). */
export function ShareBar({ order, label }: { readonly order: number; readonly label: string }) {
  return (
    <span className="share-bar" role="img" aria-label={label}>
      <span style={{ flexGrow: 100 - order }} className="legacy" />
      <span style={{ flexGrow: order }} className="order" />
    </span>
  );
}
