// dom.js -- builds nodes. The only way anything gets onto the page, and text goes in as
// text.

const SVG = 'http://www.w3.org/2000/svg';

// A node: properties that are functions listen (onclick), true and false set or leave
// out an attribute, null leaves it out, `value` is the live one. Children: nodes, texts,
// lists of them; null and false are nothing.
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

// Other children instead of the ones there.
export function replace(node, ...children) {
	node.replaceChildren(...children.flat(Infinity).filter(is_something));
	return node;
}

// The text of a node, touched only when it is another one.
export function say(node, text) {
	if (node.textContent !== text)
		node.textContent = text;
}

export function show(node, is_shown) {
	node.hidden = !is_shown;
	return node;
}

// Makes the children of `parent` those of `models`, in their order, keeping the node of
// every key that was there: so focus, selection and a running transition survive.
// Each model has a key; make(model) builds a node, update(node, model, former) adapts it.
export function keyed(parent, models, { make, update }) {
	const before = parent.keyed_nodes ?? new Map();
	const after = new Map();
	const keys = new Set(models.map((model) => model.key));

	// first what goes: then those that stay are not moved, and keep their focus
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

// What in there may have the focus.
export const stops_of = (node) =>
	[...node.querySelectorAll('button, a, input, select, textarea')];

// Makes the nodes inside anew by change(), with the focus on the one in the same place, or
// on `else_at` where there is none any more.
export function keep_focus(node, change, else_at = null) {
	const at = stops_of(node).indexOf(document.activeElement);

	change();
	if (at < 0 || node.contains(document.activeElement))
		return;
	const stops = stops_of(node);
	(stops[at] ?? else_at ?? stops.at(-1))?.focus();
}

let last_id = 0;

// An id for label, hint and error to refer to.
export function new_id(name) {
	return `${name}-${++last_id}`;
}

// Resolves in a task of its own: what takes long is done in steps, between which the
// browser draws and listens.
export const next_task = () => window.scheduler?.yield?.()
	?? new Promise((resolve) => setTimeout(resolve));

// Calls fn once in the next frame, however often it was asked for in this one.
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

export function is_coarse() {
	return matchMedia('(pointer: coarse)').matches;
}

// Whether somebody asked their system for less that moves.
export function wants_stillness() {
	return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
