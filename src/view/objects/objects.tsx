export function ObjectsView() {
  return <p>Objects</p>;
}
