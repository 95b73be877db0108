export function FlowView() {
  return <p>Flow</p>;
}
