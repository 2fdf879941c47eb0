// settings_tokens.js -- API tokens: the list, creating one (its secret is shown once),
// revoking.

import { room_name } from './avatar.js';
import { copy_text } from './copy.js';
import { ask, open_dialog } from './dialog.js';
import { h, new_id, replace } from './dom.js';
import { Form, make_field, required } from './form.js';
import { icon } from './icons.js';
import { block, Listing } from './settings_parts.js';

const SCOPES = ['read', 'post', 'admin'];
const DAY_MS = 86400000;

export function tokens_section(page) {
	const { words, client } = page;
	const listing = new Listing({
		words,
		label: words.t('settings.tokens'),
		read: () => client.account.tokens(),
		row: (token) => row(page, token, listing),
		none: words.t('settings.tokens_none'),
	});

	return {
		node: h('div', { class: 'blocks' },
			block('', words.t('settings.tokens_hint'),
				h('div', { class: 'buttons' }, h('button', {
					type: 'button', class: 'button quiet',
					onclick: () => open_new(page, () => listing.load()),
				}, icon('plus'), words.t('settings.token_new'))),
				listing.node)),
	};
}

function scopes_of(words, token) {
	return token.scopes.map((scope) => words.t(`settings.scope.${scope}`)).join(', ');
}

function row({ words, client, store }, token, listing) {
	const room = store.rooms.get(token.room_id);
	const place = token.room_id
		? room ? room_name(room, words) : words.t('settings.token_room_gone') : null;
	const day = (time) => words.day(new Date(time));
	const is_over = token.expires_at && new Date(token.expires_at) < new Date();

	return h('li', { class: 'thing' },
		h('span', { class: 'thing-picture' }, icon('code')),
		h('div', { class: 'thing-text' },
			h('p', { class: 'thing-name', dir: 'auto' }, token.name,
				is_over ? h('span', { class: 'mark', 'data-state': 'warn' },
					words.t('settings.token_over')) : null),
			h('p', { class: 'block-hint', dir: 'auto' },
				[scopes_of(words, token), place].filter(Boolean).join(' · ')),
			h('p', { class: 'block-hint' }, [
				token.last_used_at
					? words.t('settings.token_used', { day: day(token.last_used_at) })
					: words.t('settings.token_unused'),
				token.expires_at && !is_over
					? words.t('settings.token_until', { day: day(token.expires_at) }) : null,
			].filter(Boolean).join(' · '))),
		h('button', {
			type: 'button', class: 'button quiet small',
			'aria-label': words.t('settings.token_revoke_of', { name: token.name }),
			onclick: () => ask({
				words,
				title: words.t('settings.token_revoke_title', { name: token.name }),
				hint: words.t('settings.token_revoke_hint'),
				yes: words.t('settings.token_revoke'),
				act: async () => {
					await client.account.revoke_token(token.id);
					await listing.load();
				},
			}),
		}, words.t('settings.token_revoke')));
}

// The day after tomorrow is the first that is surely in the future everywhere.
function day_input(date) {
	const two = (number) => String(number).padStart(2, '0');
	return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function scope_boxes(words) {
	const boxes = SCOPES.map((scope) => h('input', {
		type: 'checkbox', class: 'check', value: scope, checked: scope === 'post',
	}));
	const error = h('p', { class: 'field-error', hidden: true });
	const node = h('fieldset', { class: 'checks' },
		h('legend', {}, words.t('settings.token_scopes')),
		boxes.map((box) => h('label', { class: 'check-line' }, box,
			h('span', {}, words.t(`settings.scope.${box.value}`),
				h('span', { class: 'block-hint' },
					words.t(`settings.scope.${box.value}_hint`))))),
		error);

	return { node, value: () => boxes.filter((b) => b.checked).map((b) => b.value) };
}

function room_picker({ words, store }) {
	const id = new_id('room');
	const select = h('select', { id, class: 'input select' },
		h('option', { value: '' }, words.t('settings.token_any_room')),
		store.sorted_rooms.map((room) =>
			h('option', { value: room.id }, room_name(room, words))));

	return {
		node: h('div', { class: 'field' },
			h('label', { for: id }, words.t('settings.token_room')), select),
		value: () => select.value || undefined,
	};
}

function open_new(page, on_made) {
	const { words, client } = page;
	const scopes = scope_boxes(words);
	const room = room_picker(page);
	const name = make_field({
		words, name: 'name', label: words.t('settings.token_name'),
		hint: words.t('settings.token_name_hint'),
		input: { required: true, maxlength: 100, autocomplete: 'off', 'data-first': true },
	});
	const until = make_field({
		words, name: 'expires_at', label: words.t('settings.token_expires'),
		hint: words.t('settings.token_expires_hint'),
		input: { type: 'date', min: day_input(new Date(Date.now() + DAY_MS)) },
	});
	const box = h('div', {});
	const form = new Form({
		words,
		fields: [name, until],
		label: words.t('settings.token_make'),
		after: [room.node, scopes.node],
		check: (values) => ({
			...required(words, values, ['name']),
			...scopes.value().length === 0
				? { name: words.t('settings.token_no_scope') } : {},
		}),
		submit: async (values) => {
			const made = await client.account.create_token({
				name: values.name, scopes: scopes.value(), room_id: room.value(),
				// to the end of that day, local time
				expires_at: values.expires_at
					? new Date(`${values.expires_at}T23:59:59`).toISOString() : undefined,
			});
			replace(box, secret_view(words, made.secret));
			box.querySelector('button').focus();
			on_made();
		},
	});

	replace(box, form.node);
	open_dialog({
		words, title: words.t('settings.token_new'), class: 'new-token', content: () => [box],
	});
}

function secret_view(words, secret) {
	const id = new_id('secret');
	const input = h('input', {
		id, class: 'input secret', readonly: true, value: secret, dir: 'ltr',
		onfocus: () => input.select(),
	});
	const said = h('span', { class: 'unseen', role: 'status' });
	const button = h('button', {
		type: 'button', class: 'button primary',
		onclick: async () => {
			await copy_text(input.value);
			replace(button, icon('check'), words.t('invite.copied'));
			said.textContent = words.t('invite.copied');
		},
	}, icon('copy'), words.t('invite.copy'));

	return h('div', { class: 'dialog-stack' },
		h('p', { class: 'notice' }, words.t('settings.token_once')),
		h('div', { class: 'field' },
			h('label', { for: id }, words.t('settings.token_secret')),
			h('div', { class: 'copy-row' }, input, button, said)));
}
