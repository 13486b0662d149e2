import { hrefOf } from './root';
import { speech } from './speech';

const ICONS = { calm: hrefOf('/static/favicon.svg'), dot: hrefOf('/static/favicon-dot.svg') };

/** The tab's title and icon say how many new notifications wait. */
export function showInTab(page: string, unseen: number): void {
  const { t } = speech;
  document.title = unseen ? t('page_title_count', { count: unseen, page }) : t('page_title', { page });
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  const icon = unseen ? ICONS.dot : ICONS.calm;
  if (link && link.getAttribute('href') !== icon) link.href = icon;
}
