// roving.js -- navigation among messages: arrow keys move; Enter, the menu key, a right click
// or a long press opens the menu; under the mouse a message shows a few buttons.

import { h, show } from './dom.js';
import { icon } from './icons.js';
import { dialog_part } from './load.js';

const PRESS_MS = 480;
const PRESS_PX = 10;

const load_menu = dialog_part(() => import('./message_menu.js'));
const open_message_menu = async (...all) => (await load_menu()).open_message_menu(...all);
const open_reaction_picker = async (...all) =>
	(await load_menu()).open_reaction_picker(...all);

export class Roving {
	#page;
	#view;
	#tools;
	#answers;		// those refused while the user may not write
	#tools_row = null;
	#press = null;
	#is_answered = false;	// whether the press has opened the menu
	#had_selection = false;	// whether something was selected before the press

	// view: {scroller, rows(), model_of(node), focus(model), last_in_sight()}.
	constructor(page, view) {
		const { scroller } = view;
		const on = (name, handler) => scroller.addEventListener(name, handler);

		this.#page = page;
		this.#view = view;
		this.#tools = this.#make_tools();
		on('keydown', (event) => this.#on_key(event));
		on('contextmenu', (event) => this.#on_menu(event));
		on('pointerover', (event) => this.#on_over(event));
		on('pointerdown', (event) => this.#on_down(event));
		// the end of a long press must not click what is now under the finger
		on('touchend', (event) => this.#is_answered && event.preventDefault());
		for (const name of ['pointerup', 'pointercancel', 'scroll'])
			on(name, () => this.#off_press());
		on('pointermove', (event) => this.#press
			&& Math.hypot(event.clientX - this.#press.x, event.clientY - this.#press.y)
				> PRESS_PX && this.#off_press());
	}

	end() {
		this.#off_press();
	}

	#make_tools() {
		const { words } = this.#page;
		const tool = (picture, label, act) => h('button', {
			type: 'button', class: 'row-tool', tabindex: -1, 'aria-label': words.t(label),
			title: words.t(label),
			onclick: (event) => act(this.#tools_row, event.currentTarget),
		}, icon(picture));

		this.#answers = [
			tool('smile', 'timeline.react', (row, at) =>
				open_reaction_picker(this.#page, row.message, at)),
			tool('reply', 'timeline.reply', (row) => this.#page.composer.reply(row.message)),
		];
		return h('div', { class: 'row-tools' }, this.#answers,
			tool('more', 'timeline.menu', (row, at) =>
				open_message_menu(this.#page, row, at)));
	}

	#row_at(event) {
		const node = event.target.closest?.('.row');
		const model = node && this.#view.model_of(node);
		return model?.kind === 'message' ? { node, model } : null;
	}

	#on_over(event) {
		if (event.pointerType !== 'mouse')
			return;
		const row = this.#row_at(event);
		const { message } = row?.model ?? {};

		this.#tools_row = row?.model ?? null;
		for (const tool of this.#answers)
			show(tool, !this.#page.composer.is_closed);
		if (!message?.id || message.deleted_at)
			this.#tools.remove();
		else if (this.#tools.parentNode !== row.node.querySelector('.bubble'))
			row.node.querySelector('.bubble').append(this.#tools);
	}

	#on_down(event) {
		this.#is_answered = false;
		this.#had_selection = String(getSelection()) !== '';
		const row = event.pointerType === 'mouse' ? null : this.#row_at(event);
		if (!row || event.target.closest('button, video, audio'))
			return;
		const { clientX: x, clientY: y } = event;
		this.#off_press();
		this.#press = { x, y, timer: setTimeout(() => {
			this.#press = null;
			this.#is_answered = true;
			open_message_menu(this.#page, row.model, { x, y });
		}, PRESS_MS) };
	}

	#off_press() {
		clearTimeout(this.#press?.timer);
		this.#press = null;
	}

	#on_menu(event) {
		const row = this.#row_at(event);
		const is_by_key = event.button !== 2 && event.clientX === 0;

		// a handled press fires again; links and selections have their own menu
		if (this.#is_answered) {
			event.preventDefault();
			return;
		}
		if (!row || event.target.closest('a') || this.#had_selection)
			return;
		event.preventDefault();
		// on a Mac the right click has selected a word by now
		getSelection().removeAllRanges();
		this.#off_press();
		open_message_menu(this.#page, row.model, is_by_key
			? row.node.querySelector('.bubble') : { x: event.clientX, y: event.clientY });
	}

	#on_key(event) {
		const { scroller, focus } = this.#view;
		const { target, key } = event;
		const row = this.#row_at(event);

		if (target !== scroller && target !== row?.node)
			return;
		if (key === 'ArrowUp' || key === 'ArrowDown') {
			const model = row ? this.#next(row.model, key === 'ArrowUp' ? -1 : 1)
				: this.#view.last_in_sight();
			if (!model)
				return;
			event.preventDefault();
			focus(model);
		} else if (row && (key === 'Enter' || key === 'ContextMenu'
			|| (key === 'F10' && event.shiftKey))) {
			event.preventDefault();
			open_message_menu(this.#page, row.model, row.node.querySelector('.bubble'));
		} else if (key === 'Escape') {
			this.#page.composer.focus();
		}
	}

	#next(model, step) {
		const rows = this.#view.rows().filter(({ kind }) => kind === 'message');
		const at = rows.findIndex(({ key }) => key === model.key);

		return at < 0 ? this.#view.last_in_sight() : rows[at + step];
	}
}
