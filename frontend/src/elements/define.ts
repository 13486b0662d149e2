import { HelpDialog } from './help-dialog';
import { SnoozeMenu } from './snooze-menu';
import { TidingsBell } from './tidings-bell';
import { TidingsInbox } from './tidings-inbox';

const ELEMENTS = {
  'tidings-snooze-menu': SnoozeMenu,
  'tidings-help-dialog': HelpDialog,
  'tidings-inbox': TidingsInbox,
  'tidings-bell': TidingsBell,
};

// A page may load the file twice; the first one stays.
for (const [name, element] of Object.entries(ELEMENTS)) {
  if (!customElements.get(name)) customElements.define(name, element);
}

export { TidingsBell, TidingsInbox };
