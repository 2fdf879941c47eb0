// settings_appearance.js -- the look on this device: theme, text size, language.

import { h } from './dom.js';
import { icon } from './icons.js';
import { show_look, SIZES, THEMES } from './look.js';
import { block, choice } from './settings_parts.js';

const PICTURES = { system: 'computer', light: 'sun', dark: 'moon' };

export function appearance_section(page) {
	const { words, client, languages, set_language } = page;
	const look = client.keep.get('look') ?? {};
	const save = (name) => (value) => {
		look[name] = value;
		client.keep.set('look', look);
		show_look(look);
	};

	return {
		node: h('div', { class: 'blocks' },
			block('', '', choice({
				label: words.t('settings.theme'), name: 'theme', looks: 'three',
				value: look.theme ?? 'system',
				options: THEMES.map((value) => ({
					value, label: words.t(`settings.theme.${value}`),
					picture: icon(PICTURES[value]),
				})),
				save: save('theme'),
			}).node),
			block('', '', choice({
				label: words.t('settings.size'), name: 'size', looks: 'four',
				value: look.size ?? 'normal',
				options: SIZES.map((value) => ({
					value, label: words.t(`settings.size.${value}`),
					picture: h('span', { class: `sample sample-${value}`, 'aria-hidden': 'true' },
						'Aa'),
				})),
				save: save('size'),
			}).node),
			block('', '', choice({
				label: words.t('app.language'), name: 'language', looks: 'three',
				value: words.language,
				options: languages.map(({ language, name }) => ({
					value: language, label: name, lang: language, picture: icon('globe'),
				})),
				save: set_language,
			}).node)),
	};
}
