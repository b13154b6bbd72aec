import { render } from 'preact';
import './styles/tokens.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/parts.css';
import './styles/pages.css';
import { followEvents } from './api/live.ts';
import { loadSession } from './api/session.ts';
import { App } from './app.tsx';
import { listenToLinks } from './navigation.ts';
import { followSystemTheme } from './theme.ts';

followSystemTheme();
listenToLinks();
void loadSession();
followEvents();
const place = document.querySelector('#app');
if (place) render(<App />, place);
