// filetypes.js -- kinds of files by type and name, and the size at which a picture is shown.
// Plain functions.

// Types that browsers show or play, and that the server allows them to.
const SHOWN = {
	image: /^image\/(?:png|jpeg|gif|webp|avif)$/,
	video: /^video\/(?:mp4|webm)$/,
	audio: /^audio\/(?:mpeg|ogg|opus|wav|mp4|webm)$/,
};

// The kind of message that carries such a file.
export function kind_of_type(mime) {
	for (const [kind, pattern] of Object.entries(SHOWN))
		if (pattern.test(mime ?? ''))
			return kind;
	return 'file';
}

const ICONS = [
	[/^image\//, /\.(?:heic|tiff?|bmp|svg|psd|xcf)$/i, 'image'],
	[/^video\//, /\.(?:mkv|avi|mov)$/i, 'video'],
	[/^audio\//, /\.(?:flac|aac|midi?)$/i, 'audio'],
	[/zip|gzip|compressed|x-tar|x-7z|x-rar|x-xz|zstd/, /\.(?:zip|gz|tar|7z|rar|xz|zst|deb|jar)$/i,
		'archive'],
	[/pdf|msword|officedoc|opendoc|presentation|spreadsheet|ms-excel|ms-powerpoint|rtf/,
		/\.(?:pdf|docx?|odt|pptx?|odp|xlsx?|ods|rtf|epub)$/i, 'document'],
	[/^text\/|json|xml|javascript/, /\.(?:txt|md|csv|log|c|h|js|py|sh|html|css)$/i, 'text'],
];

// The name of its icon: image, video, audio, archive, document, text or file.
export function icon_of_file({ mime = '', name = '' }) {
	const found = ICONS.find(([type, ending]) => type.test(mime ?? '') || ending.test(name ?? ''));
	return found ? found[2] : 'file';
}

// The extension, in lower case; '' if there is none.
export function ending_of(name) {
	return /\.([a-z0-9]{1,5})$/i.exec(name ?? '')?.[1].toLowerCase() ?? '';
}

// Scales down to fit most.width by most.height, never up; a very flat or narrow picture gets
// a frame of at least most.least, which it does not fill.
export function fit(width, height, most) {
	const scale = Math.min(1, most.width / width, most.height / height);
	return {
		width: Math.max(Math.round(width * scale), Math.min(most.width, most.least)),
		height: Math.max(Math.round(height * scale), Math.min(most.height, most.least)),
	};
}

// 3:07, 1:02:09.
export function duration_text(seconds) {
	const whole = Math.max(0, Math.round(seconds));
	const two = (n) => String(n).padStart(2, '0');
	const hours = Math.floor(whole / 3600);
	const minutes = Math.floor(whole / 60) % 60;

	return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}`
		: `${minutes}:${two(whole % 60)}`;
}
