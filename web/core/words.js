// words.js -- the texts of the page in one language, with numbers and times.
//
// A table (i18n/*.js) maps keys to texts with {names} to fill in, or to a set of plural
// forms. A missing key is shown as it is; a test keeps the tables complete. Each language has
// two tables: what the page says at first, and the rest.

// Right-to-left letters, and control characters that change the direction.
const TURNS = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

// Isolates user text within our sentence: a Hebrew name must not reorder the words and
// numbers around it.
export function isolated(text) {
	return TURNS.test(text) ? `\u2068${text}\u2069` : text;
}

export class Words {
	#table;
	#plural = null;
	#formats = new Map();
	#more;
	#whole = null;
	is_whole = false;

	// locale: for numbers and times, a language with its region (en-GB). nickname(id): what
	// the reader calls somebody, or null. more(): promise of the other table.
	constructor(table, { locale = table.language, nickname = () => null,
		more = async () => ({ words: {} }) } = {}) {
		this.nickname = nickname;
		this.language = table.language;
		this.locale = locale;
		this.#table = table.words;
		this.#more = more;
	}

	// Resolves once all texts are loaded; rejects if they cannot be loaded now.
	whole() {
		this.#whole ??= this.#more().then(({ words }) => {
			this.#table = { ...this.#table, ...words };
			this.is_whole = true;
		}).catch((error) => {
			this.#whole = null;
			throw error;
		});
		return this.#whole;
	}

	has(key) {
		return key in this.#table;
	}

	t(key, values = {}) {
		let text = this.#table[key] ?? key;

		if (typeof text === 'object')
			text = text[this.#form_of(values.count)] ?? text.other;
		return text.replace(/\{(\w+)\}/g, (_, name) => this.#show(values[name]));
	}

	// Creates the formatters that the chat uses first, one per task, since each takes a
	// browser milliseconds. pause(): resolves in the next task.
	async make_ready(pause) {
		const now = new Date();
		const this_week = new Date(now - 2 * 86400000);

		for (const use of [() => this.time(now), () => this.when(this_week, now),
			() => this.exactly(now), () => this.#form_of(1), () => this.#plain_number]) {
			await pause();
			use();
		}
	}

	// An error as a text: by its code if we know that.
	error(error) {
		const key = `error.${error.code}`;
		const text = this.has(key) ? this.t(key)
			: error.message || this.t('error.internal');
		const count = Math.ceil(error.retry_after ?? 0);
		const minutes = Math.ceil(count / 60);

		if (count >= 100)
			return `${text} ${this.t('error.retry_after_minutes', { count: minutes })}`;
		return count > 0 ? `${text} ${this.t('error.retry_after', { count })}` : text;
	}

	// An error of one form field.
	field_error({ field, code, message }) {
		// new_password uses the texts of password
		const name = field?.replace(/^(?:new|old)_/, '');

		for (const key of [`field.${name}.${code}`, `field.${code}`])
			if (this.has(key))
				return this.t(key);
		return message || this.t('field.invalid');
	}

	// A file size: 1.2 MB. Units of 1,024, like the limits.
	size(bytes) {
		const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
		const step = Math.min(units.length - 1,
			Math.floor(Math.log2(Math.max(1, bytes)) / 10));
		return this.#format(`size${step}`, {
			style: 'unit', unit: units[step], unitDisplay: step === 0 ? 'long' : 'short',
			maximumFractionDigits: 1,
		}, Intl.NumberFormat).format(bytes / 1024 ** step);
	}

	time(date) {
		return this.#format('time', { hour: 'numeric', minute: '2-digit' }).format(date);
	}

	// A day: today, yesterday, or its date.
	day(date, now = new Date()) {
		const days = days_between(date, now);

		if (days === 0)
			return this.t('day.today');
		if (days === 1)
			return this.t('day.yesterday');
		return date.getFullYear() === now.getFullYear()
			? this.#format('day', { day: 'numeric', month: 'long' }).format(date)
			: this.#format('year', { day: 'numeric', month: 'long', year: 'numeric' })
				.format(date);
	}

	// The shortest form: the time today, the weekday this week, else the date.
	when(date, now = new Date()) {
		const days = days_between(date, now);

		if (days <= 0)
			return this.time(date);
		return days < 7
			? this.#format('weekday', { weekday: 'short' }).format(date)
			: this.#format('short', { day: '2-digit', month: '2-digit', year: '2-digit' })
				.format(date);
	}

	exactly(date) {
		return this.#format('full', { dateStyle: 'full', timeStyle: 'medium' })
			.format(date);
	}

	#form_of(count) {
		this.#plural ??= new Intl.PluralRules(this.language);
		return this.#plural.select(count);
	}

	#show(value) {
		return typeof value === 'number'
			? this.#plain_number.format(value)
			: isolated(String(value ?? ''));
	}

	get #plain_number() {
		if (!this.#formats.has('number'))
			this.#formats.set('number', new Intl.NumberFormat(this.locale));
		return this.#formats.get('number');
	}

	#format(name, options, Format = Intl.DateTimeFormat) {
		if (!this.#formats.has(name))
			this.#formats.set(name, new Format(this.locale, options));
		return this.#formats.get(name);
	}
}

function days_between(date, now) {
	const midnight = (d) => new Date(d.getFullYear(), d.getMonth(), d.getDate());
	return Math.round((midnight(now) - midnight(date)) / 86400000);
}

// The regional form of a language: the first of `wished` in this language.
export function locale_of(language, wished) {
	return wished.find((tag) => tag.toLowerCase().split('-')[0] === language) ?? language;
}

// The first of `wished` (from the browser: ru-RU, en …) that has a table.
export function choose_language(wished, tables) {
	for (const tag of wished) {
		const language = tag.toLowerCase().split('-')[0];
		if (language in tables)
			return language;
	}
	return 'en';
}
