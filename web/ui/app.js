// app.js -- the page as a whole: which language it speaks, and which of its halves stands
// there, the way in or the chat. A half is loaded with its styles when it is needed.

import { Words, locale_of } from '../core/words.js';
import { at_rest, until_there } from './at_rest.js';
import { h, next_task, replace } from './dom.js';
import { dialog_part, load_style, set_loading } from './load.js';
import { current_path, take_link } from './router.js';
import { close_toast, offer_again } from './toasts.js';

// Each is made of a page, and has {nodes, arrive(is_new), update(what, room_id), end()}, the
// chat also go(): the address is another one. is_new: it was not there in other words.
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
// The toast that says that something could not be loaded.
const LOST = 'not loaded';

// What the halves need is in the page that they are given: {client, store, words,
// languages, set_language, invite, announce}.
export class App {
	#page;
	#root;
	#languages;
	#on_language;
	#half = null;		// what stands there, and hears of changes
	#builds = 0;
	#wishes = 0;		// how often a language was wished for
	#notify = null;		// notify.js, once somebody is signed in

	// languages: by their tags, {language, name, load() -> the module of the words that a
	// page begins with, load_more() -> of all others}.
	// language: the one to begin with. on_language(language): it was switched.
	constructor({ client, root, languages, language, on_language }) {
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
		});
		store.addEventListener('change', ({ detail }) => this.#on_change(detail));
		addEventListener('hashchange', () => this.#on_link() || this.#half?.go?.());
		this.#start(language);
	}

	async #start(language) {
		const link = this.#take_link();
		// beside the words
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

	// Of several wishes the last one counts, whichever words come first. Answers whether it
	// is this one.
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
		// what is open in the old words opens again in the new ones
		if (this.#page.words?.is_whole)
			await words.whole();
		if (wish !== this.#wishes)
			return false;
		this.#page.words = words;
		document.documentElement.lang = language;
		await this.#build();
		return true;
	}

	// The words and pictures that the chat does without at first.
	#load_rest() {
		return Promise.all([this.#page.words.whole(), import('./icons_more.js')]);
	}

	#say_lost(again) {
		const { words } = this.#page;

		offer_again({ words, key: LOST, text: words.t('error.not_loaded'), again });
	}

	// A link with a secret, opened with the page or in a page that was there.
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

	// An invitation to a room is followed once somebody is signed in.
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
		// it is nobody's any more; it is seen until the other one is there
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
			// what is unread further down counts, too
			this.#page.client.list.more().catch(() => {});
		}
		this.#notify?.update('user');
	}

	get #wanted() {
		return this.#page.store.user ? 'chat' : 'login';
	}

	// Another half, or the same one in other words.
	async #build() {
		const { client, store, words } = this.#page;
		const wanted = this.#wanted;
		const build = ++this.#builds;

		// what is looked at is read meanwhile
		if (wanted === 'chat' && !this.#half && current_path() !== store.current)
			client.open_room(current_path());
		if (!words)
			return;
		// the way in says what the chat does not; the chat has numbers and times
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
