import './app.css';
import { applyTheme, currentTheme } from './theme';
import './tidings-app';

applyTheme(currentTheme());
