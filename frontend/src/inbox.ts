export { TidingsBell, TidingsInbox } from './elements/define';
