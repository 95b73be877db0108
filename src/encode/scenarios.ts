export const SCENARIOS: { name: string; title: string; document: () => object }[] = [];
