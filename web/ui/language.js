// language.js -- switches between languages, each shown by its own name.

import { h } from './dom.js';

export function language_switch({ words, languages, set_language }) {
	const button = ({ language, name }) => h('button', {
		type: 'button',
		class: 'language',
		lang: language,
		'aria-pressed': String(language === words.language),
		onclick: () => set_language(language),
	}, name);

	return h('div', {
		class: 'languages', role: 'group', 'aria-label': words.t('app.language'),
	}, languages.map(button));
}
