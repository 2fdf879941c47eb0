// dom.js -- creates nodes. Nothing else puts content on the page, and text is inserted as
// text.

const SVG = 'http://www.w3.org/2000/svg';

// Creates a node. Props: functions are listeners (onclick), true and false set or omit an
// attribute, null omits it, `value` sets the property. Children: nodes, texts, lists of them;
// null and false are skipped.
export function h(tag, props = {}, ...children) {
	return fill(document.createElement(tag), props, children);
}

export function svg(tag, props = {}, ...children) {
	return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(node, props, children) {
	for (const [name, value] of Object.entries(props))
		set(node, name, value);
	node.append(...children.flat(Infinity).filter(is_something));
	return node;
}

export function set(node, name, value) {
	if (typeof value === 'function')
		node.addEventListener(name.slice(2), value);
	else if (name === 'value')
		node.value = value;
	else if (value === null || value === undefined || value === false)
		node.removeAttribute(name);
	else
		node.setAttribute(name, value === true ? '' : value);
}

function is_something(child) {
	return child !== null && child !== undefined && child !== false;
}

// Replaces the children.
export function replace(node, ...children) {
	node.replaceChildren(...children.flat(Infinity).filter(is_something));
	return node;
}

// Sets the text of a node if it differs.
export function say(node, text) {
	if (node.textContent !== text)
		node.textContent = text;
}

export function show(node, is_shown) {
	node.hidden = !is_shown;
	return node;
}

// Makes the children of `parent` match `models`, in order, reusing the nodes of known keys,
// so that focus, selection and running transitions survive. Each model has a key; make(model)
// creates a node, update(node, model, former) adapts it.
export function keyed(parent, models, { make, update }) {
	const before = parent.keyed_nodes ?? new Map();
	const after = new Map();
	const keys = new Set(models.map((model) => model.key));

	// remove first: then the nodes that stay need not move, and keep their focus
	for (const [key, { node }] of before)
		if (!keys.has(key))
			node.remove();
	let place = parent.firstChild;
	for (const model of models) {
		const known = before.get(model.key);
		const node = known?.node ?? make(model);
		update(node, model, known?.model);
		after.set(model.key, { node, model });
		if (node === place)
			place = place.nextSibling;
		else
			parent.insertBefore(node, place);
	}
	parent.keyed_nodes = after;
}

// The focusable elements inside.
export const stops_of = (node) =>
	[...node.querySelectorAll('button, a, input, select, textarea')];

// Rebuilds content by change(), and then focuses the element in the same position, or
// `else_at` if there is none.
export function keep_focus(node, change, else_at = null) {
	const at = stops_of(node).indexOf(document.activeElement);

	change();
	if (at < 0 || node.contains(document.activeElement))
		return;
	const stops = stops_of(node);
	(stops[at] ?? else_at ?? stops.at(-1))?.focus();
}

let last_id = 0;

// An id for labels, hints and errors to refer to.
export function new_id(name) {
	return `${name}-${++last_id}`;
}

// Resolves in a new task, so that the browser can draw and respond between steps.
export const next_task = () => window.scheduler?.yield?.()
	?? new Promise((resolve) => setTimeout(resolve));

// Returns a function that calls fn once in the next frame, however often it is called.
export function once_a_frame(fn) {
	let is_due = false;

	return () => {
		if (is_due)
			return;
		is_due = true;
		requestAnimationFrame(() => {
			is_due = false;
			fn();
		});
	};
}

// Whether the key belongs to an input method, as the Enter that accepts its suggestion. In
// Safari that keystroke comes after the end of the composition, and only its old code tells.
export function is_composing(event) {
	return event.isComposing || event.keyCode === 229;
}

export function is_coarse() {
	return matchMedia('(pointer: coarse)').matches;
}

// Whether the user prefers reduced motion.
export function wants_stillness() {
	return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

// The open dialogs; the innermost is the last.
export const open_dialogs = () => [...document.querySelectorAll('dialog[open]')];

export function close_dialogs() {
	for (const dialog of open_dialogs().reverse())
		dialog.close();
}

// An open dialog makes everything outside it inert: it can neither be pressed nor is it
// announced. Keeps a node, which is on the page, in the innermost dialog while there is one.
// on_move is called before each move. Returns a function that ends this.
export function keep_above_dialogs(node, on_move = () => {}) {
	let home = null;
	const place = () => {
		const dialog = open_dialogs().at(-1);

		if (!node.parentNode?.matches('dialog'))
			home = node.parentNode;
		if (node.parentNode === (dialog ?? home))
			return;
		on_move();
		if (dialog)
			dialog.prepend(node);
		else
			home.append(node);
	};
	const observer = new MutationObserver(place);

	place();
	observer.observe(document.body, { childList: true });
	return () => observer.disconnect();
}
