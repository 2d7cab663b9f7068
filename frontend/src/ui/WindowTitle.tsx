/** What the browser's tab, its history and a screen reader call the page. */
export function WindowTitle({ children }: { children: string }) {
  return <title>{`${children} · FlowForge`}</title>;
}
