// settings_sessions.js -- the devices where I am signed in, and signing them out.

import { agent_of } from '../core/agent.js';
import { ask } from './dialog.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { block, Listing } from './settings_parts.js';

const PICTURES = { phone: 'mobile', computer: 'computer', other: 'code' };
// Used this recently counts as active now.
const NOW_MS = 5 * 60 * 1000;

export function sessions_section(page) {
	const { words, client } = page;
	const listing = new Listing({
		words,
		label: words.t('settings.sessions'),
		read: () => client.account.sessions(),
		row: (session) => row(page, session, listing),
		none: words.t('settings.sessions_none'),
	});
	const button = (name, looks, act) => h('button', {
		type: 'button', class: `button ${looks}`,
		onclick: () => ask({
			words,
			title: words.t(`settings.${name}`),
			hint: words.t(`settings.${name}_hint`),
			yes: words.t(`settings.${name}_yes`),
			act,
		}),
	}, icon('leave'), words.t(`settings.${name}`));

	return {
		node: h('div', { class: 'blocks' },
			block('', words.t('settings.sessions_hint'), listing.node),
			block('', '', h('div', { class: 'buttons' },
				button('end_others', 'quiet', async () => {
					await client.account.end_other_sessions();
					await listing.load();
				}),
				button('end_all', 'danger-text', () => client.account.sign_out_everywhere())))),
	};
}

function name_of(words, session) {
	const { browser, system } = agent_of(session.user_agent);

	if (browser && system)
		return words.t('settings.device', { browser, system });
	return browser ?? system ?? words.t('settings.device_unknown');
}

function used(words, session) {
	const at = new Date(session.last_used_at);

	if (session.current || Date.now() - at < NOW_MS)
		return words.t('settings.used_now');
	return words.t('settings.used', { day: words.day(at), time: words.time(at) });
}

function row({ words, client }, session, listing) {
	const name = name_of(words, session);
	const { kind } = agent_of(session.user_agent);
	const since = new Date(session.created_at);

	return h('li', { class: 'thing' },
		h('span', { class: 'thing-picture' }, icon(PICTURES[kind])),
		h('div', { class: 'thing-text' },
			h('p', { class: 'thing-name' }, name, session.current
				? h('span', { class: 'mark', 'data-state': 'good' },
					words.t('settings.this_device')) : null),
			h('p', { class: 'block-hint', title: session.user_agent ?? '' },
				[session.address, used(words, session)].filter(Boolean).join(' · ')),
			h('p', { class: 'block-hint' },
				words.t('settings.signed_in', { day: words.day(since) }))),
		session.current ? null : h('button', {
			type: 'button', class: 'button quiet small',
			'aria-label': words.t('settings.end_session_of', { name }),
			onclick: () => ask({
				words,
				title: words.t('settings.end_session_title', { name }),
				hint: words.t('settings.end_session_hint'),
				yes: words.t('account.sign_out'),
				act: async () => {
					await client.account.end_session(session.id).catch((error) => {
						// already ended: that is fine
						if (error.status !== 404)
							throw error;
					});
					await listing.load();
				},
			}),
		}, words.t('account.sign_out')));
}
