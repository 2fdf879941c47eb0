// show.js -- shows the reference of the server that this page comes from.

const { SwaggerUIBundle } = globalThis;

if (SwaggerUIBundle)
	SwaggerUIBundle({
		url: new URL('../api/v1/openapi.json', document.baseURI).href,
		dom_id: '#ui',
		deepLinking: true,
		validatorUrl: null, // no other host is asked
		docExpansion: 'list',
		defaultModelsExpandDepth: 0,
	});
else
	document.getElementById('missing').hidden = false;
