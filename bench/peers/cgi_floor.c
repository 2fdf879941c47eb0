/* cgi_floor.c -- the least that a CGI program with a database can do: it connects by
 * libpq, runs SELECT 1, prints the result and exits. What a page by plain CGI takes
 * beyond this is Foyer's own cost.
 *
 *   DATABASE='host=... dbname=... user=...' cgi_floor */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

int
main(void)
{
	const char *where = getenv("DATABASE");
	PGconn *pg = PQconnectdb(where ? where : "");
	PGresult *r = PQexec(pg, "SELECT 1");
	int failed = PQresultStatus(r) != PGRES_TUPLES_OK;

	printf("Status: %d\r\nContent-Type: text/plain\r\n\r\n%s\n", failed ? 503 : 200,
	       failed ? PQerrorMessage(pg) : PQgetvalue(r, 0, 0));
	PQclear(r);
	PQfinish(pg);
	return failed;
}
