/* cgi_handover.h -- persistent CGI: the protocol between foyer-cgi and a REST program
 * that stays.
 *
 * Starting a REST program takes many times as long as most of its answers: its libraries,
 * the settings, a new connection to the database with an empty catalogue cache. So a
 * program that has answered by CGI stays for a while (the back end, cgi_back.h). What the
 * web server starts is foyer-cgi (the front end, cgi_front_main.c), which is small and
 * hands the next request over: the environment and its three descriptors. SpeedyCGI does
 * the same for Perl.
 *
 * A program has up to CGI_BACK_ENDS back ends on a host. Each has two files in the folder
 * FOYER_CGI_DIR: `<program>.<n>`, whose lock (flock(2)) is held by the process that has a
 * request for it or is about to become it, and `<program>.<n>.sock`, where it waits.
 * Nobody waits for a lock. If no lock is free, no back end is behind it, or the back end
 * has other settings, the front end becomes the program (execve(2)) and answers as plain
 * CGI does. So all this can never cost more than the time it saves.
 *
 * On the connection (SOCK_SEQPACKET), in this order:
 *	back	CGI_READY: before it, the front end sends nothing, since descriptors that
 *		nobody receives would stay open, and the web server waits for their end
 *	front	the environment, each variable with its NUL, and descriptors (SCM_RIGHTS)
 *	back	CGI_TAKEN: from here on the request is the back end's alone;
 *		CGI_OUTDATED: it is not, and the back end ends
 *	back	the exit status, a byte; none: it died on the way */
#pragma once

#define CGI_DIR "FOYER_CGI_DIR"
/* These variables tell the program that it may stay: it holds the lock, on an open
 * descriptor. */
#define CGI_LOCK_PATH "FOYER_CGI_LOCK"
#define CGI_LOCK_FD "FOYER_CGI_LOCK_FD"
#define CGI_SOCKET ".sock"

enum {
	CGI_BACK_ENDS = 2,
	CGI_PATH_MAX = 100,	     /* of a lock, so that its socket fits sockaddr_un */
	CGI_ENVIRONMENT_MAX = 65536, /* a larger one is not handed over */
	CGI_READY = 'R',
	CGI_TAKEN = 'T',
	CGI_OUTDATED = 'O',
};

/* Sent with the environment: the request's 0, 1 and 2, and the lock, so that it stays
 * held while the back end is busy, whatever happens to the front end. */
enum { CGI_LOCK = 3, CGI_DESCRIPTORS };
