/** How requests are divided: the new path fills from the left, striped. */
export function ShareBar({ order, label }: { readonly order: number; readonly label: string }) {
  return (
    <span className="share-bar" role="img" aria-label={label}>
      {order > 0 && <span style={{ flexGrow: order }} className="order" />}
      {order < 100 && <span style={{ flexGrow: 100 - order }} className="legacy" />}
    </span>
  );
}
