// profile.js -- a person: profile, presence and actions; opened from a room, also the actions
// of its admins.

import { avatar, person_name } from './avatar.js';
import { ask, open_dialog } from './dialog.js';
import { h, keep_focus, replace, show } from './dom.js';
import { Form, make_field, required } from './form.js';
import { icon } from './icons.js';
import { action_button, member_actions } from './member_actions.js';
import { status_text } from './presence.js';
import { go_to } from './router.js';
import { watch } from './watch.js';

// room_id: the room it was opened from, if any.
export function open_profile(page, user_id, room_id = null) {
	const { words, store } = page;
	let profile;
	const dialog = open_dialog({
		words,
		title: words.t('people.profile'),
		class: 'profile-dialog',
		content: (close) => {
			profile = new Profile(page, user_id, { room_id, on_leave: close });
			return profile.node;
		},
	});

	watch(dialog, store, ['people', 'roster', 'rooms'], () => profile.update());
}

export class Profile {
	#page;
	#user_id;
	#room_id;
	#is_here;
	#on_leave;
	#who = h('div', { class: 'profile-who' });
	#facts = h('dl', { class: 'facts' });
	#actions = h('div', { class: 'profile-actions' });
	#room = h('div', { class: 'profile-room' });
	#error = h('p', { class: 'form-error', role: 'alert', hidden: true });
	#shown = '';		// what the nodes were built from

	// on_leave(): another room is about to be opened. is_here: this is the direct room with
	// them.
	constructor(page, user_id, { room_id = null, is_here = false, on_leave = () => {} } = {}) {
		this.#page = page;
		this.#user_id = user_id;
		this.#room_id = room_id;
		this.#is_here = is_here;
		this.#on_leave = on_leave;
		this.node = h('div', { class: 'profile' }, this.#who, this.#actions, this.#error,
			this.#facts, this.#room);
		this.update();
		page.client.contacts.look_up(user_id).catch((error) => this.#fail(error));
	}

	update() {
		const { store } = this.#page;
		const { people } = store;
		const id = this.#user_id;
		const user = people.person(id);
		const state = JSON.stringify([user, people.presence(id), people.contact(id),
			store.roster.of(id), store.rooms.get(this.#room_id)?.me?.role,
			new Date().getMinutes()]);

		if (state === this.#shown)
			return;
		this.#shown = state;
		this.#render_who(user);
		this.#render_facts(user);
		keep_focus(this.#actions, () => this.#render_actions());
		keep_focus(this.#room, () => replace(this.#room, this.#room_id
			? member_actions(this.#page, this.#room_id, id) : null));
	}

	get #is_me() {
		return this.#user_id === this.#page.store.user.id;
	}

	#render_who(user) {
		const { words, store } = this.#page;
		const id = this.#user_id;
		const presence = store.people.presence(id);
		const name = person_name(user, words);

		replace(this.#who,
			avatar(id, name, 'huge', { url: user?.avatar_url, presence }),
			h('p', { class: 'profile-name', dir: 'auto' }, name),
			user?.login ? h('p', { class: 'muted', dir: 'auto' }, `@${user.login}`) : null,
			h('p', { class: 'profile-status muted', dir: 'auto' }, status_text(presence, words)),
			store.people.is_blocked(id)
				? h('p', { class: 'notice' }, words.t('people.is_blocked')) : null);
	}

	#render_facts(user) {
		const { words, store } = this.#page;
		const given = [user?.first_name, user?.last_name].filter(Boolean).join(' ');
		const nickname = store.people.nickname(this.#user_id);
		const fact = (label, text) => text
			? h('div', {}, h('dt', {}, words.t(label)), h('dd', { dir: 'auto' }, text)) : null;

		replace(this.#facts,
			fact('people.bio', user?.bio),
			fact('people.name', nickname ? given || user?.name : null),
			fact('people.since', user?.created_at
				// the date with its year, not "yesterday"
				? words.day(new Date(user.created_at), new Date(0)) : null));
		show(this.#facts, this.#facts.childElementCount > 0);
	}

	#render_actions() {
		const { client, store } = this.#page;
		const { people } = store;
		const id = this.#user_id;
		const contact = people.contact(id);

		replace(this.#actions, this.#is_me ? null : [
			contact?.blocked || this.#is_here ? null
				: this.#action('talk', 'people.message', () => this.#talk(), 'primary'),
			contact && !contact.blocked
				? this.#action('pencil', 'people.nickname', () => this.#rename()) : null,
			contact && !contact.blocked
				? this.#action('bin', 'people.remove', () => client.contacts.remove(id)) : null,
			contact ? null
				: this.#action('plus', 'people.add', () => client.contacts.add({ user_id: id })),
			contact?.blocked
				? this.#action('check', 'people.unblock', () => client.contacts.unblock(id))
				: this.#action('block', 'people.block', () => this.#block(), 'danger-text'),
		]);
	}

	#action(picture, label, act, looks = 'quiet') {
		return action_button({
			words: this.#page.words, picture, label, looks: `button ${looks}`,
			act: () => {
				show(this.#error, false);
				return act();
			},
			fail: (error) => this.#fail(error),
		});
	}

	#fail(error) {
		replace(this.#error, icon('warning'), error.status === 404
			? this.#page.words.t('people.gone') : this.#page.words.error(error));
		show(this.#error, true);
	}

	async #talk() {
		const room = await this.#page.client.create_room({
			kind: 'direct', user_id: this.#user_id,
		});
		this.#on_leave();
		go_to(room.id);
	}

	#rename() {
		const { words, client, store } = this.#page;
		const nickname = make_field({
			words, name: 'nickname', label: words.t('people.nickname'), optional: true,
			hint: words.t('people.nickname_hint'),
			input: { maxlength: 64, autocomplete: 'off', 'data-first': true,
				value: store.people.nickname(this.#user_id) ?? '' },
		});

		open_dialog({
			words,
			title: words.t('people.nickname'),
			content: (close) => new Form({
				words,
				fields: [nickname],
				label: words.t('people.save'),
				submit: async (values) => {
					await client.contacts.rename(this.#user_id, values.nickname);
					close();
				},
			}).node,
		});
	}

	#block() {
		const { words, client, store } = this.#page;
		const name = person_name(store.people.person(this.#user_id), words);

		ask({
			words,
			title: words.t('people.block_title', { name }),
			hint: words.t('people.block_hint'),
			yes: words.t('people.block'),
			act: () => client.contacts.block(this.#user_id),
		});
	}
}

// Adds a contact by username.
export function open_add_contact({ words, client }) {
	const login = make_field({
		words, name: 'login', label: words.t('auth.login'),
		input: { required: true, autocomplete: 'off', autocapitalize: 'none',
			spellcheck: 'false', 'data-first': true },
	});
	const nickname = make_field({
		words, name: 'nickname', label: words.t('people.nickname'), optional: true,
		hint: words.t('people.nickname_hint'), input: { maxlength: 64, autocomplete: 'off' },
	});

	open_dialog({
		words,
		title: words.t('people.add_title'),
		content: (close) => new Form({
			words,
			fields: [login, nickname],
			label: words.t('people.add'),
			check: (values) => required(words, values, ['login']),
			submit: async (values) => {
				const fields = { login: values.login.replace(/^@/, '') };
				if (values.nickname)
					fields.nickname = values.nickname;
				await client.contacts.add(fields);
				close();
			},
		}).node,
	});
}
