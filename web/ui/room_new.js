// room_new.js -- creates a room: name, who can join, first members.

import { open_dialog } from './dialog.js';
import { h } from './dom.js';
import { Form, make_field, required } from './form.js';
import { icon } from './icons.js';
import { Picker } from './picker.js';
import { go_to } from './router.js';

export function open_new(page) {
	const { words, client, store } = page;
	const name = make_field({
		words, name: 'name', label: words.t('new.name'),
		input: {
			required: true, maxlength: 100, autocomplete: 'off', 'data-first': true,
		},
	});
	const description = make_field({
		words, name: 'description', label: words.t('new.description'), optional: true,
		input: { autocomplete: 'off', maxlength: 1000 },
	});
	const limit = limit_field(words, store.status?.limits?.max_room_members);
	const kind = choice(words, 'kind', words.t('new.kind'), [
		{ value: 'group', icon: 'lock' }, { value: 'public', icon: 'globe' },
	]);
	const by_id = switch_row(words.t('room.join_by_id'), words.t('room.join_by_id_hint'), true);
	const picker = new Picker(page, { label: words.t('new.members') });

	// a public room is open to everybody anyway
	kind.node.addEventListener('change', () => {
		by_id.node.hidden = kind.value() === 'public';
	});
	open_dialog({
		words,
		title: words.t('new.title'),
		class: 'tall',
		content: (close) => new Form({
			words,
			fields: [name, description],
			after: [kind.node, by_id.node,
				h('details', { class: 'more-fields' },
					h('summary', {}, words.t('new.more')), limit.node),
				h('fieldset', { class: 'new-members' },
					h('legend', {}, words.t('new.members_hint')), picker.node)],
			label: words.t('new.create'),
			check: (values) => ({
				...required(words, values, ['name']), ...limit.check(),
			}),
			submit: async (values) => {
				try {
					const room = await client.create_room(fields_of(values, {
						kind: kind.value(), by_id: by_id.value(), limit: limit.value(),
						ids: picker.ids,
					}));
					close();
					go_to(room.id);
				} catch (error) {
					picker.fail(error);
					limit.take(error);
					throw error;
				}
			},
		}).node,
	});
}

function fields_of({ name, description }, { kind, by_id, limit, ids }) {
	const fields = { name, kind };

	if (description)
		fields.description = description;
	if (kind === 'group')
		fields.join_by_id = by_id;
	if (limit)
		fields.max_members = limit;
	if (ids.length > 0)
		fields.member_ids = ids;
	return fields;
}

// The member limit; most: the server's maximum, if known.
export function limit_field(words, most = 1000000, value = '') {
	const field = make_field({
		words, name: 'max_members', label: words.t('room.limit'), optional: value === '',
		hint: words.t('room.limit_hint'),
		input: { type: 'number', inputmode: 'numeric', min: 2, max: most, value },
	});
	const { input } = field;

	return {
		...field,
		value: () => input.value === '' ? null : Number(input.value),
		check() {
			const fault = input.validity.valid ? '' : words.t('field.max_members.range');
			field.fail(fault);
			return fault ? { max_members: fault } : {};
		},
		take(error) {
			const fault = error.errors?.find((one) => one.field === 'max_members');
			field.fail(fault ? words.field_error(fault) : '');
		},
	};
}

// An on/off setting: {node, input, value()}.
export function switch_row(label, hint, is_on) {
	const input = h('input', { type: 'checkbox', class: 'switch', role: 'switch',
		checked: is_on });
	const node = h('label', { class: 'switch-row' },
		h('span', { class: 'switch-text' },
			h('span', { class: 'choice-name' }, label),
			hint ? h('span', { class: 'choice-hint' }, hint) : null),
		input);

	return { node, input, value: () => input.checked };
}

export function choice(words, name, label, options) {
	const radio = ({ value, icon: picture }, at) => h('label', { class: 'choice' },
		h('input', { type: 'radio', name, value, checked: at === 0 }),
		icon(picture),
		h('span', {},
			h('span', { class: 'choice-name' }, words.t(`new.${name}.${value}`)),
			h('span', { class: 'choice-hint' }, words.t(`new.${name}.${value}_hint`))));
	const node = h('fieldset', { class: 'choices' }, h('legend', {}, label),
		options.map(radio));

	return { node, value: () => node.querySelector('input:checked').value };
}
