// app.js -- the page as a whole: its language, and which half it shows, sign-in or chat. A
// half is loaded with its stylesheets when it is needed.

import { Words, locale_of } from '../core/words.js';
import { at_rest, until_there } from './at_rest.js';
import { h, next_task, replace } from './dom.js';
import { dialog_part, load_style, set_loading } from './load.js';
import { current_path, take_link } from './router.js';
import { close_toast, offer_again } from './toasts.js';

// Each is created with a page and has {nodes, arrive(is_new), update(what, room_id), end()};
// the chat also has go(): the URL has changed. is_new: not just switched to another language.
const HALVES = {
	login: async () => (await half(import('./login.js'), 'form.css',
		'login.css')).Login,
	chat: async () => (await half(import('./chat.js'), 'shell.css', 'room.css',
		'timeline.css', 'composer.css', 'files.css')).Chat,
};

async function half(module, ...styles) {
	const [loaded] = await Promise.all([module, ...styles.map(load_style)]);
	return loaded;
}

const load_link = dialog_part(() => import('./link.js'));
// Key of the toast that reports a failed load.
const LOST = 'not loaded';

// The page object given to the halves has all they need: {client, store, words, languages,
// set_language, invite, announce}.
export class App {
	#page;
	#root;
	#languages;
	#on_language;
	#half = null;		// the half that is shown, and told of changes
	#builds = 0;
	#wishes = 0;		// number of language changes requested
	#notify = null;		// notify.js, once somebody is signed in

	// languages: by tag, {language, name, load() -> module of the first texts, load_more() ->
	// of the others}. language: the first one. on_language(language): it was switched.
	constructor({ client, failed_import, root, languages, language, on_language }) {
		const { store } = client;

		this.#root = root;
		this.#languages = languages;
		this.#on_language = on_language;
		this.#page = {
			client, store, words: null, invite: '', languages: Object.values(languages),
			set_language: (to) => this.#set_language(to), announce: () => {},
		};
		set_loading({
			rest: () => this.#load_rest(),
			whole: () => client.whole(),
			failed: (again) => this.#say_lost(again),
			done: () => close_toast(LOST),
			failed_import,
		});
		store.addEventListener('change', ({ detail }) => this.#on_change(detail));
		addEventListener('hashchange', () => this.#on_link() || this.#half?.go?.());
		this.#start(language);
	}

	async #start(language) {
		const link = this.#take_link();
		// in parallel with the texts
		HALVES[this.#wanted]().catch(() => {});
		if (this.#wanted === 'login')
			Promise.all([this.#languages[language].load_more(), import('./icons_more.js')])
				.catch(() => {});
		this.#build();
		await this.#speak(language);
		this.#open_link(link);
		this.#on_user();
		await at_rest(this.#page.store);
		const { start_worker } = await until_there(this.#page.client,
			() => import('./worker.js'));
		start_worker(this.#page);
	}

	async #set_language(to) {
		try {
			if (await this.#speak(to))
				this.#on_language(to);
		} catch {
			this.#say_lost(() => this.#set_language(to));
		}
	}

	// If the language is switched several times, the last one wins, whichever loads first.
	// Returns whether this is the one.
	async #speak(to) {
		const wish = ++this.#wishes;
		const { load, load_more } = this.#languages[to];
		const { default: table } = await load();
		const { language } = table;

		const words = new Words(table, {
			locale: locale_of(language, navigator.languages),
			nickname: (id) => this.#page.store.people.nickname(id),
			more: async () => (await load_more()).default,
		});
		// an open dialog is opened again in the new language
		if (this.#page.words?.is_whole)
			await words.whole();
		if (wish !== this.#wishes)
			return false;
		this.#page.words = words;
		document.documentElement.lang = language;
		await this.#build();
		return true;
	}

	// The texts and icons that the chat does not need at first.
	#load_rest() {
		return Promise.all([this.#page.words.whole(), import('./icons_more.js')]);
	}

	#say_lost(again) {
		const { words } = this.#page;

		offer_again({ words, key: LOST, text: words.t('error.not_loaded'), again });
	}

	// A link with a secret, opened in a new page or in this one.
	#on_link() {
		const link = this.#take_link();

		if (link && !this.#page.store.user)
			this.#build();
		this.#open_link(link);
		return link !== null;
	}

	#take_link() {
		const link = take_link();

		if (link?.what === 'register')
			this.#page.invite = link.secret;
		if (link?.what === 'join')
			this.#page.client.invited(link.secret);
		return link;
	}

	async #open_link(link) {
		if (link?.what === 'reset' || link?.what === 'confirm')
			(await load_link()).open_link(this.#page, link);
		else if (link?.what === 'join')
			this.#follow_invitation();
	}

	// An invitation to a room is accepted once somebody is signed in.
	async #follow_invitation() {
		const { client, store } = this.#page;

		if (store.user && client.invitation)
			(await load_link()).follow_invitation(this.#page);
	}

	async #on_change({ what, room_id }) {
		if (what !== 'user') {
			this.#half?.update(what, room_id);
			this.#notify?.update(what);
			return;
		}
		// ended, but visible until the other half is there
		this.#half?.end();
		this.#half = null;
		await this.#build();
		this.#on_user();
	}

	async #on_user() {
		if (this.#page.store.user) {
			this.#follow_invitation();
			await at_rest(this.#page.store);
			const { Notify } = await until_there(this.#page.client,
				() => import('./notify.js'));
			this.#notify ??= new Notify(this.#page);
			// count unread messages further down the list too
			this.#page.client.list.more().catch(() => {});
		}
		this.#notify?.update('user');
	}

	get #wanted() {
		return this.#page.store.user ? 'chat' : 'login';
	}

	// Builds another half, or the same one in another language.
	async #build() {
		const { client, store, words } = this.#page;
		const wanted = this.#wanted;
		const build = ++this.#builds;

		// start reading the open room in the meantime
		if (wanted === 'chat' && !this.#half && current_path() !== store.current)
			client.open_room(current_path());
		if (!words)
			return;
		// sign-in uses the remaining texts; the chat uses numbers and times
		const [Half] = await Promise.all([HALVES[wanted](), wanted === 'login'
			? this.#load_rest() : words.make_ready(next_task)]).catch(() => [null]);
		if (build !== this.#builds)
			return;
		const is_new = !this.#half;
		this.#half?.end();
		for (const dialog of document.querySelectorAll('dialog'))
			dialog.close();
		document.title = words.t('app.name');
		this.#half = Half && new Half(this.#page);
		replace(this.#root, this.#half?.nodes ?? this.#out_of_reach());
		this.#half?.arrive(is_new);
	}

	#out_of_reach() {
		const { words } = this.#page;

		return h('p', { class: 'loading', role: 'alert' }, words.t('error.offline'), ' ',
			h('button', {
				type: 'button', class: 'link', onclick: () => location.reload(),
			}, words.t('room.retry')));
	}
}
