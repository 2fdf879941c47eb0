// bars.js -- a bar chart as an SVG picture, readable on light and on dark pages.

const LINE = 26, LEFT = 210, WIDE = 680, RIGHT = 70, TOP = 34;
const escape = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const said = (value) => (value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value < 10 ? 2 : 1));

// of: [[name, number]]; Foyer's bars have a colour of their own.
export function bars_svg({ what, of }) {
	const most = Math.max(...of.map(([, value]) => value)), height = TOP + LINE * of.length + 8;
	const rows = of.map(([name, value], i) => {
		const y = TOP + i * LINE, wide = Math.max(1, (WIDE - LEFT - RIGHT) * value / most);
		return `<text x="${LEFT - 8}" y="${y + 16}" text-anchor="end">${escape(name)}</text>`
			+ `<rect x="${LEFT}" y="${y + 3}" width="${wide.toFixed(1)}" height="${LINE - 8}" rx="2"`
			+ ` fill="${name.startsWith('Foyer') ? '#2f6f9f' : '#9aa5b1'}"/>`
			+ `<text x="${(LEFT + wide + 6).toFixed(1)}" y="${y + 16}">${said(value)}</text>`;
	});
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDE} ${height}" width="${WIDE}" height="${height}"`
		+ ` role="img" aria-label="${escape(what)}" font-family="sans-serif" font-size="13">\n`
		+ `<rect width="${WIDE}" height="${height}" fill="#fff"/>\n<g fill="#222">\n`
		+ `<text x="8" y="20" font-weight="bold">${escape(what)}</text>\n${rows.join('\n')}\n</g>\n</svg>\n`;
}
