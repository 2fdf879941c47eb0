/* fcgi_floor.c -- the least that a FastCGI program can do: it reads the request's
 * environment and answers with two words. What a request takes beyond this is Foyer's own
 * cost; this is fcgi2's and the kernel's. */
#include <fcgiapp.h>

int
main(void)
{
	FCGX_Request request;

	if (FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, 0) != 0)
		return 1;
	while (FCGX_Accept_r(&request) == 0) {
		FCGX_PutS("Status: 200\r\nContent-Type: application/json\r\n\r\n"
			  "{\"valid\":true}",
			  request.out);
		/* as fcgi/serve.c does */
		request.keepConnection = 0;
		if (FCGX_HasSeenEOF(request.in))
			FCGX_Detach(&request);
		FCGX_Finish_r(&request);
	}
	return 0;
}
