// place_dialog.js -- sends the user's location: requested at a click, shown with its
// accuracy, and sent only on confirmation.

import { open_dialog } from './dialog.js';
import { h, replace, say, set, show } from './dom.js';
import { icon } from './icons.js';
import { coordinates_text } from './place.js';

const WAIT_MS = 30000;
const LABEL_MOST = 200;
// About a kilometre: two decimals.
const ROUGH_DIGITS = 2;
const ROUGH_M = 1000;

const WHY = { 1: 'denied', 2: 'unavailable', 3: 'timeout' };

export function open_place(page, room_id) {
	const { words, client } = page;
	let found = null;

	const status = h('p', { class: 'place-status', role: 'status' });
	const error = h('p', { class: 'form-error', role: 'alert', hidden: true });
	const label = h('input', { class: 'input', id: 'place-label', maxlength: LABEL_MOST,
		dir: 'auto', placeholder: words.t('place.label_hint') });
	const rough = h('input', { type: 'checkbox', class: 'check', id: 'place-rough',
		onchange: () => tell() });
	const field = h('div', { class: 'dialog-stack', hidden: true },
		h('div', { class: 'field' }, h('label', { for: 'place-label' }, words.t('place.label')),
			label),
		h('label', { class: 'check-line', for: 'place-rough' }, rough, words.t('place.rough')));
	const find = h('button', { type: 'button', class: 'button primary', 'data-first': true,
		onclick: () => look() }, icon('pin'), words.t('place.find'));
	const send = h('button', { type: 'submit', class: 'button primary', hidden: true },
		words.t('place.send'));

	const rounded = (degrees) => Number(degrees.toFixed(rough.checked ? ROUGH_DIGITS : 6));
	const tell = () => {
		const { latitude, longitude, accuracy } = found;
		const metres = Math.ceil(rough.checked ? Math.max(accuracy, ROUGH_M) : accuracy);

		replace(status, h('strong', { dir: 'ltr' },
			coordinates_text(rounded(latitude), rounded(longitude), words)), ' ',
		words.t(metres < ROUGH_M ? 'place.exact_m' : 'place.exact_km', {
			count: metres < ROUGH_M ? metres : Math.ceil(metres / 1000),
		}));
	};
	const fail = (why) => {
		replace(error, icon('warning'), words.t(`place.${why}`));
		show(error, true);
		say(status, '');
		set(find, 'aria-disabled', null);
	};
	const look = () => {
		if (find.getAttribute('aria-disabled'))
			return;
		show(error, false);
		if (!navigator.geolocation) {
			fail('unavailable');
			return;
		}
		// not disabled, which would lose the focus
		set(find, 'aria-disabled', 'true');
		say(status, words.t('place.looking'));
		navigator.geolocation.getCurrentPosition(({ coords }) => {
			if (!dialog.isConnected)
				return;
			found = coords;
			tell();
			for (const node of [field, send])
				show(node, true);
			show(find, false);
			label.focus();
		}, ({ code }) => fail(WHY[code] ?? 'unavailable'),
		{ enableHighAccuracy: true, timeout: WAIT_MS });
	};
	const on_submit = (event) => {
		event.preventDefault();
		if (!found)
			return;
		client.outbox.add(room_id, { kind: 'location', data: {
			lat: rounded(found.latitude), lon: rounded(found.longitude),
			...label.value.trim() ? { label: label.value.trim() } : {},
		} });
		dialog.close();
	};
	const dialog = open_dialog({
		words, title: words.t('place.title'), class: 'place-dialog',
		content: (close) => h('form', { class: 'dialog-stack', onsubmit: on_submit },
			h('p', { class: 'dialog-text' }, words.t('place.consent')),
			status, error, field,
			h('div', { class: 'dialog-actions' },
				h('button', { type: 'button', class: 'button quiet', onclick: close },
					words.t('dialog.cancel')), find, send)),
	});
}
