/** Tabs (WAI-ARIA): one is chosen; arrows go from one to the next. */
export interface Tab<Id extends string> {
  readonly id: Id;
  readonly title: string;
  /** Shown small behind the title, as the number of findings; not part of the name. */
  readonly badge?: string | undefined;
  /** Class of the badge, which gives it its colour. */
  readonly badgeClass?: string | undefined;
}

interface Props<Id extends string> {
  readonly label: string;
  readonly tabs: readonly Tab<Id>[];
  readonly chosen: Id;
  readonly choose: (id: Id) => void;
}

export function Tabs<Id extends string>({ label, tabs, chosen, choose }: Props<Id>) {
  const step = (e: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (by === undefined) return;
    e.preventDefault();
    const at = tabs.findIndex(({ id }) => id === chosen);
    const next = tabs[(at + by + tabs.length) % tabs.length];
    choose(next.id);
    (e.currentTarget as HTMLElement).querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return (
    <div role="tablist" aria-label={label} class="tabs" onKeyDown={step}>
      {tabs.map(({ id, title, badge, badgeClass }) => (
        <button
          key={id}
          type="button"
          role="tab"
          data-tab={id}
          aria-label={title}
          aria-selected={id === chosen}
          tabIndex={id === chosen ? 0 : -1}
          onClick={() => choose(id)}
        >
          {title}
          {badge !== undefined && <sup class={badgeClass}>{badge}</sup>}
        </button>
      ))}
    </div>
  );
}
