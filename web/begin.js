// begin.js -- what cannot wait for the modules. Not a module itself: those run when the page
// is parsed.
//
// Applies the chosen theme and text size: a page that turns dark a moment later hurts the
// eyes (ui/look.js has the rest). And requests all files of the half that will be needed,
// with the texts of the language; by following imports a browser would find them one round
// trip after another. app.js decides which half is needed, and loads what is missing.

{
// Made by `make preloads`.
// --- lists ---
const FIRST = {
	both: [
		'core/client.js',
		'core/api.js',
		'core/clock.js',
		'core/files.js',
		'core/drafts.js',
		'core/follow.js',
		'core/store.js',
		'core/call_state.js',
		'core/members.js',
		'core/people.js',
		'core/room.js',
		'core/stretch.js',
		'core/roster.js',
		'core/invitation.js',
		'core/keep.js',
		'core/later.js',
		'core/notes.js',
		'core/roomlist.js',
		'core/pages.js',
		'core/session.js',
		'core/socket.js',
		'core/slices.js',
		'core/text.js',
		'core/words.js',
		'ui/app.js',
		'ui/at_rest.js',
		'ui/dom.js',
		'ui/load.js',
		'ui/router.js',
		'ui/toasts.js',
		'ui/icons.js',
		'ui/install.js',
		'ui/look.js',
	],
	login: {
		styles: [
			'style/form.css',
			'style/login.css',
		],
		modules: [
			'ui/login.js',
			'core/rules.js',
			'ui/form.js',
			'ui/language.js',
			'ui/icons_more.js',
		],
	},
	chat: {
		styles: [
			'style/shell.css',
			'style/room.css',
			'style/timeline.css',
			'style/composer.css',
			'style/files.css',
		],
		modules: [
			'ui/chat.js',
			'ui/avatar.js',
			'ui/line.js',
			'ui/room.js',
			'ui/composer.js',
			'ui/composer_status.js',
			'ui/drop.js',
			'core/filetypes.js',
			'ui/bubble.js',
			'core/markup.js',
			'ui/room_head.js',
			'ui/presence.js',
			'ui/timeline.js',
			'ui/folded.js',
			'ui/message.js',
			'ui/attachment.js',
			'ui/media.js',
			'ui/transfer.js',
			'ui/roving.js',
			'ui/rows.js',
			'ui/windowed.js',
			'ui/rooms.js',
			'ui/room_row.js',
		],
	},
};
// --- / ---
const LANGUAGES = ['en', 'ru'];
// So many requests are made per task.
const SLICE = 3;

const { pathname } = new URL('.', document.baseURI);
const { dataset } = document.documentElement;

function kept(name) {
	try {
		return JSON.parse(localStorage.getItem(`foyer:${pathname}:${name}`));
	} catch {
		return null;	// nothing was chosen, or storage is refused
	}
}

// A stylesheet link stays; a failed one is removed, and requested again by who needs it.
function send_for(rel, href) {
	const link = Object.assign(document.createElement('link'), { rel, href });

	link.onerror = () => link.remove();
	if (rel === 'modulepreload')
		link.onload = link.onerror;
	document.head.append(link);
}

const { theme, size } = kept('look') ?? {};
if (theme === 'light' || theme === 'dark')
	dataset.theme = theme;
if (size && size !== 'normal')
	dataset.text = size;

const half = kept('session') ? 'chat' : 'login';
const language = [kept('language'), ...navigator.languages]
	.map((tag) => tag?.toLowerCase().split('-')[0])
	.find((one) => LANGUAGES.includes(one)) ?? 'en';

const { styles, modules } = FIRST[half];
const waiting = [`i18n/${language}.js`, ...half === 'login' ? [`i18n/${language}_more.js`] : [],
	...FIRST.both, ...modules];

// a timer would idle in between
const soon = window.scheduler?.postTask ? (fn) => scheduler.postTask(fn) : setTimeout;

// All at once would delay drawing.
function go_on() {
	for (const file of waiting.splice(0, SLICE))
		send_for('modulepreload', file);
	if (waiting.length > 0)
		soon(go_on);
}

for (const file of styles)
	send_for('stylesheet', file);
soon(go_on);
}
