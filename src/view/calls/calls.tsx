export function CallsView() {
  return <p>Calls</p>;
}
