// settings_profile.js -- how others see me: picture, names, bio and status.

import { code_points } from '../core/text.js';
import { avatar, person_name } from './avatar.js';
import { open_crop } from './crop.js';
import { h, replace, show } from './dom.js';
import { Form, make_field } from './form.js';
import { icon } from './icons.js';
import { block, choice, Said } from './settings_parts.js';

const BIO = 1000;
const NAME = 64;
const STATUS_TEXT = 140;
const STATUSES = ['online', 'away', 'busy', 'offline'];
// Formats that browsers can be expected to read; the server checks the result.
const PICTURES = 'image/png,image/jpeg,image/webp,image/gif,image/avif,image/bmp';

export function profile_section(page) {
	const picture = picture_block(page);
	const status = status_block(page);

	return {
		node: h('div', { class: 'blocks' }, picture.node, names_block(page), status.node),
		update: (what) => {
			if (what !== 'me')
				return;
			picture.update();
			status.update();
		},
	};
}

function picture_block(page) {
	const { words, client, store } = page;
	const said = new Said(words);
	const face = h('div', { class: 'profile-face' });
	const put = async (blob) => {
		try {
			await client.account.set_avatar(blob);
			said.done();
		} catch (error) {
			said.failed(error);
		}
		return store.user.avatar_url;
	};
	const file = h('input', {
		type: 'file', accept: PICTURES, class: 'unseen', tabindex: -1,
		'aria-hidden': 'true',
		onchange: () => {
			const [chosen] = file.files;
			file.value = '';
			if (chosen)
				open_crop(page, chosen, { on_done: put });
		},
	});
	const choose = h('button', {
		type: 'button', class: 'button quiet small', onclick: () => file.click(),
	}, icon('camera'), words.t('settings.picture_choose'));
	const remove = h('button', {
		type: 'button', class: 'button danger-text small',
		onclick: async () => {
			remove.disabled = true;
			await put(null);
			remove.disabled = false;
			choose.focus();
		},
	}, icon('bin'), words.t('settings.picture_remove'));
	const update = () => {
		const { user } = store;
		const name = person_name(user, words);

		replace(face, avatar(user.id, name, 'huge', { url: user.avatar_url }));
		show(remove, Boolean(user.avatar_url));
	};

	update();
	return {
		node: block('', '', h('div', { class: 'profile-picture' },
			face,
			h('div', { class: 'profile-tools' },
				h('div', { class: 'buttons' }, choose, remove, file),
				h('p', { class: 'block-hint' }, words.t('settings.picture_hint')),
				said.node))),
		update,
	};
}

function names_block({ words, client, store }) {
	const { user } = store;
	const said = new Said(words);
	const field = (name, autocomplete) => make_field({
		words, name, label: words.t(`auth.${name}`), optional: true, half: true,
		input: { value: user[name] ?? '', autocomplete, maxlength: NAME },
	});
	const bio = make_field({
		words, name: 'bio', label: words.t('settings.bio'),
		hint: words.t('settings.bio_hint'),
		rule: (text) => code_points(text) > BIO ? words.t('field.too_long') : '',
		input: { tag: 'textarea', rows: 3, class: 'input area', value: user.bio ?? '' },
	});
	const login = make_field({
		words, name: 'login', label: words.t('auth.login'),
		hint: words.t('settings.login_hint'),
		input: { value: user.login, readonly: true, dir: 'auto' },
	});

	return block(words.t('settings.names'), '', new Form({
		words,
		fields: [field('first_name', 'given-name'), field('last_name', 'family-name'),
			bio, login],
		label: words.t('settings.save'),
		submit: async ({ first_name, last_name, bio: about }) => {
			await client.account.change({
				first_name: first_name || null, last_name: last_name || null,
				bio: about || null,
			});
			said.done();
		},
	}).node, said.node);
}

function status_block({ words, client, store }) {
	const said = new Said(words);
	const { user } = store;
	const options = STATUSES.map((value) => ({
		value,
		label: words.t(`settings.status.${value}`),
		hint: words.t(`settings.status.${value}_hint`),
		picture: h('span', { class: 'status-dot', 'data-status': value }),
	}));
	const how = choice({
		label: words.t('settings.status'), name: 'status', value: user.status, options, said,
		save: (status) => client.account.set_status(status, store.user.status_text),
	});
	const text = make_field({
		words, name: 'text', label: words.t('settings.status_text'),
		hint: words.t('settings.status_text_hint'),
		input: { value: user.status_text ?? '', maxlength: STATUS_TEXT, autocomplete: 'off' },
	});
	const form = new Form({
		words, fields: [text], label: words.t('settings.status_set'), looks: 'quiet',
		submit: async (values) => {
			await client.account.set_status(store.user.status, values.text || null);
			said.done();
		},
	});

	return {
		node: block('', '', how.node, form.node, said.node),
		update: () => how.is(store.user.status),
	};
}
