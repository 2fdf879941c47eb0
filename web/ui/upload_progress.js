// upload_progress.js -- how far a file of mine is on its way up: a ring, with the way to
// call it off inside.

import { h, set, show, svg } from './dom.js';
import { icon } from './icons.js';

const RADIUS = 19;
const ROUND = 2 * Math.PI * RADIUS;

// {node, update(item), text(item)}: text is what may stand beside it, or null.
export function progress_of(page) {
	const { words, client } = page;
	const arc = svg('circle', {
		class: 'ring-arc', cx: 22, cy: 22, r: RADIUS, 'stroke-dasharray': `0 ${ROUND}`,
		transform: 'rotate(-90 22 22)',
	});
	const ring = svg('svg', { class: 'ring', viewBox: '0 0 44 44', 'aria-hidden': 'true' },
		svg('circle', { class: 'ring-ground', cx: 22, cy: 22, r: RADIUS }), arc);
	const bar = h('span', {
		class: 'unseen', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100,
	});
	const button = h('button', {
		type: 'button', class: 'ring-button', onclick: () => client.discard(client_id),
	}, ring, icon('close'));
	const node = h('span', { class: 'uploading', hidden: true }, button, bar);
	let client_id = null;

	return {
		node,
		update({ id, client_id: of, data, state, progress, file }) {
			const share = progress ? Math.min(1, progress.sent / (progress.total || 1)) : 0;
			const may_cancel = Boolean(file) && !id
				&& (state === 'waiting' || (state === 'sending' && Boolean(progress)));

			client_id = of;
			show(node, may_cancel);
			set(button, 'aria-label', words.t('attach.cancel', { name: data.name }));
			set(button, 'title', words.t('attach.cancel', { name: data.name }));
			set(arc, 'stroke-dasharray', `${share * ROUND} ${ROUND}`);
			set(bar, 'aria-label', words.t('attach.uploading', { name: data.name }));
			set(bar, 'aria-valuenow', Math.round(share * 100));
			node.classList.toggle('is-moving', Boolean(progress));
		},
		text({ id, data, state, progress, is_kept, file }) {
			if (id || !file || state === 'failed' || state === 'sent')
				return null;
			if (progress)
				return words.t('attach.sent_of', {
					sent: words.size(Math.min(progress.sent, data.size)),
					size: words.size(data.size),
				});
			return is_kept === false
				? words.t('attach.fleeting', { size: words.size(data.size) }) : null;
		},
	};
}
