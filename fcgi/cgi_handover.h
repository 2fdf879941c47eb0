/* cgi_handover.h -- what foyer-cgi and a REST program that stays agree on: persistent
 *CGI.
 *
 * To start a REST program takes many times what most of its answers do: its libraries,
 *the settings, a connection to the database that knows no table yet. So a program that
 *has answered by CGI stays for a while (the back end, cgi_back.h), and what the web
 *server starts is foyer-cgi (the front end, cgi_front_main.c), which is small and hands
 *the next request over: the environment and its three descriptors. SpeedyCGI does so for
 *Perl.
 *
 * A program has up to CGI_BACK_ENDS back ends on a host. Each has two files in the folder
 * FOYER_CGI_DIR: `<program>.<n>`, whose lock (flock(2)) has who has a request for it, or
 *is to become it; and `<program>.<n>.sock`, where it waits. Nobody waits for a lock.
 *Where none is to be had, nobody is behind it, or what is there knows other settings than
 *ours, the front end becomes the program (execve(2)) and does as plain CGI does: so none
 *of this can cost more than the time it saves.
 *
 * On the connection (SOCK_SEQPACKET), in this order:
 *	back	CGI_READY: descriptors that nobody takes would be held open, and the web
 *		server waits for their end
 *	front	the environment, each variable with its NUL, and descriptors (SCM_RIGHTS)
 *	back	CGI_TAKEN: from here on it is the back end's, and nobody else may do it;
 *		CGI_OUTDATED: it is not, and the back end ends
 *	back	the exit status, a byte; none: it died on the way */
#pragma once

#define CGI_DIR "FOYER_CGI_DIR"
/* These tell the program that it may stay: the lock is its own, open. */
#define CGI_LOCK_PATH "FOYER_CGI_LOCK"
#define CGI_LOCK_FD "FOYER_CGI_LOCK_FD"
#define CGI_SOCKET ".sock"

enum {
	CGI_BACK_ENDS = 2,
	CGI_PATH_MAX =
		100, /* of a lock, so that its socket's fits a struct sockaddr_un */
	CGI_ENVIRONMENT_MAX = 65536, /* more is not handed over */
	CGI_READY = 'R',
	CGI_TAKEN = 'T',
	CGI_OUTDATED = 'O',
};

/* What comes with the environment: the request's 0, 1 and 2, and the lock, so that it is
 * held for as long as the back end is busy, whatever becomes of the front end. */
enum { CGI_LOCK = 3, CGI_DESCRIPTORS };
