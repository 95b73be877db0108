export function AuditView() {
  return <p>Audit</p>;
}
