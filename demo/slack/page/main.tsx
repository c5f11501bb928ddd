import { render } from 'preact';
import { App } from './frame/app.tsx';
import { listenToKeys } from './frame/keys.ts';
import { stayConnected } from './model/connection.ts';
import { followTheme } from './model/ui-state.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no place for its content');
followTheme();
listenToKeys();
stayConnected();
render(<App />, root);
