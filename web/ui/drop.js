// drop.js -- files dropped onto the page or pasted.

import { ending_of } from '../core/filetypes.js';
import { h, show } from './dom.js';
import { icon } from './icons.js';

// Takes the files from a clipboard; [] if it has none.
export function pasted_files(event, words) {
	const files = [...event.clipboardData?.files ?? []];

	// text with a picture of itself (from office software) is meant as text
	if (files.length === 0 || event.clipboardData.types.includes('text/plain'))
		return [];
	event.preventDefault();
	return files.map((file) => named(file, words));
}

// Names a pasted picture, which has no name of its own.
function named(file, words) {
	if (!/^image\.\w+$/.test(file.name))
		return file;
	const stamp = new Date().toISOString().replace(/[-:]|\..*/g, '').replace('T', '-');
	return new File([file], `${words.t('attach.pasted')}-${stamp}.${ending_of(file.name)}`,
		{ type: file.type });
}

// Accepts files dropped onto `target`, while it is on the page. Returns {node, end}; the node
// is shown while files are dragged over the page.
export function drop_zone(page, target, name, on_files) {
	const { words } = page;
	const node = h('div', { class: 'drop-zone', hidden: true, 'aria-hidden': 'true' },
		h('div', { class: 'drop-box' }, icon('download'),
			h('strong', {}, words.t('attach.drop')),
			h('span', { dir: 'auto' }, words.t('attach.drop_to', { name }))));
	const has_files = (event) => event.dataTransfer?.types.includes('Files');
	const on_over = (event) => {
		if (!has_files(event))
			return;
		event.preventDefault();
		const is_inside = target.contains(event.target);
		event.dataTransfer.dropEffect = is_inside ? 'copy' : 'none';
		show(node, true);
		node.classList.toggle('is-near', is_inside);
	};
	// moving between nodes is not leaving
	const on_leave = (event) => event.relatedTarget === null && show(node, false);
	const on_drop = (event) => {
		show(node, false);
		if (!has_files(event))
			return;
		event.preventDefault();
		if (target.contains(event.target))
			on_files(dropped_files(event.dataTransfer));
	};
	const handlers = { dragenter: on_over, dragover: on_over, dragleave: on_leave,
		drop: on_drop };

	for (const [type, handler] of Object.entries(handlers))
		document.addEventListener(type, handler);
	return {
		node,
		end() {
			for (const [type, handler] of Object.entries(handlers))
				document.removeEventListener(type, handler);
		},
	};
}

// Removes folders, which look like unreadable files.
function dropped_files(transfer) {
	const folders = new Set([...transfer.items]
		.map((item) => item.webkitGetAsEntry?.())
		.filter((entry) => entry?.isDirectory).map((entry) => entry.name));
	return [...transfer.files].filter((file) => !folders.has(file.name));
}
