// show.js -- shows the API reference of this server.

const { SwaggerUIBundle } = globalThis;

if (SwaggerUIBundle)
	SwaggerUIBundle({
		url: new URL('../api/v1/openapi.json', document.baseURI).href,
		dom_id: '#ui',
		deepLinking: true,
		validatorUrl: null, // contacts no other host
		docExpansion: 'list',
		defaultModelsExpandDepth: 0,
	});
else
	document.getElementById('missing').hidden = false;
