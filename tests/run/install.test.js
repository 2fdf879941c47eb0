// install.test.js -- run/install.sh: everything is in its place, and with its own libraries it
// needs nothing from elsewhere.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LIBC = /^(libc|libm|libdl|librt|libpthread|libresolv)\.so|^ld-linux/;

const prefix = fs.mkdtempSync(path.join(process.env.TEST_TMP ?? os.tmpdir(), 'foyer-install-'));
const lib = path.join(prefix, 'lib/foyer');

after(() => fs.rmSync(prefix, { recursive: true }));

function install(env = {}) {
	execFileSync(path.join(ROOT, 'run/install.sh'), { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'],
		env: { ...process.env, VARIANT: 'release', PREFIX: prefix, DESTDIR: '', ...env } });
}

// The libraries, except libc's, that a program gets here: [name, path].
const libraries = (program) => execFileSync('ldd', [path.join(lib, program)], { encoding: 'utf8' })
	.split('\n').map((line) => /^\s*(\S+) => (\S+)/.exec(line)?.slice(1)).filter((found) => found && !LIBC.test(found[0]));

test('with LIBS=yes the programs need no library of the host but libc', () => {
	install({ LIBS: 'yes' });
	const programs = fs.readdirSync(lib).filter((name) => /\.fcgi$|^foyer-(broker|image|cgi)$/.test(name));
	assert.equal(programs.length, 10);
	for (const program of programs)
		for (const [name, where] of libraries(program))
			assert.equal(where, path.join(lib, 'lib', name), program);
	assert.ok(fs.existsSync(path.join(lib, 'lib/magic.mgc')));
	assert.match(execFileSync(path.join(lib, 'auth.fcgi'), ['--help'], { encoding: 'utf8' }), /--admin LOGIN/);
});

test('what the README refers to is beside it', () => {
	const doc = path.join(prefix, 'share/doc/foyer');
	const text = fs.readFileSync(path.join(doc, 'README.md'), 'utf8');
	const named = [...text.matchAll(/\]\(([^)#:]*\.(?:md|json|yaml))\)/g)].map(([, file]) => file);
	assert.ok(named.includes('docs/hosting.md') && named.includes('foyer.yaml'), named.join());
	for (const file of named)
		assert.ok(fs.existsSync(path.join(doc, file)), file);
});

test('the next one without it takes the host\'s again', () => {
	install();
	assert.equal(fs.existsSync(path.join(lib, 'lib')), false);
	assert.ok(libraries('auth.fcgi').length > 5);
	assert.match(execFileSync(path.join(prefix, 'bin/foyer'), ['--help'], { encoding: 'utf8' }), /foyer start/);
});
