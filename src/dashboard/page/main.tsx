import { render } from 'preact';
import { App } from './app.js';
import { Live } from './live/live.js';

const place = document.getElementById('page');
if (!place) throw new Error('The page has no element "page"');
// What the document says until now would stay beside the page.
place.replaceChildren();
const live = new Live();
live.start();
render(<App live={live} />, place);
