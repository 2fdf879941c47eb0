// agent.js -- browser and system from a User-Agent. Good enough to tell one's own devices
// apart; nothing else should depend on it.

// The first match counts: each of these also claims to be some of those below it.
const BROWSERS = [
	[/\bEdgA?\/|\bEdgiOS\//, 'Edge'],
	[/\bOPR\/|\bOpera\b/, 'Opera'],
	[/\bYaBrowser\//, 'Yandex'],
	[/\bSamsungBrowser\//, 'Samsung Internet'],
	[/\bVivaldi\//, 'Vivaldi'],
	[/\bFirefox\/|\bFxiOS\//, 'Firefox'],
	[/\bHeadlessChrome\/|\bChromium\//, 'Chromium'],
	[/\bChrome\/|\bCriOS\//, 'Chrome'],
	[/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
	[/^curl\//, 'curl'],
	[/^([\w.-]{2,40})\/\d/, null],
];
const SYSTEMS = [
	[/\biPhone\b|\biPod\b/, 'iPhone', 'phone'],
	[/\biPad\b/, 'iPad', 'phone'],
	[/\bAndroid\b/, 'Android', 'phone'],
	[/\bWindows\b/, 'Windows', 'computer'],
	[/\bMac OS X\b|\bMacintosh\b/, 'macOS', 'computer'],
	[/\bCrOS\b/, 'ChromeOS', 'computer'],
	[/\bLinux\b|\bX11\b/, 'Linux', 'computer'],
];

// {browser, system, kind: phone, computer or other}; null if unknown.
export function agent_of(text) {
	const agent = { browser: null, system: null, kind: 'other' };

	for (const [pattern, name] of BROWSERS) {
		const found = pattern.exec(text ?? '');
		if (found && (name || found[1] !== 'Mozilla')) {
			agent.browser = name ?? found[1];
			break;
		}
	}
	for (const [pattern, name, kind] of SYSTEMS)
		if (pattern.test(text ?? '')) {
			agent.system = name;
			agent.kind = kind;
			break;
		}
	return agent;
}
