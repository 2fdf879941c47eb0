/* confine.c -- restricts foyer-image before it begins to read.
 *
 * The kernel limits memory, time and the size of what it writes; a filter of system calls
 * forbids the rest. On architectures without such a filter, the limits have to
 * suffice. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "image/parts.h"

enum {
	MEMORY_BYTES = 1 << 30,
	CPU_SECONDS = 20,
	WRITTEN_BYTES = 512 << 20,
	FILES = 16,
};

static void
limit(int what, rlim_t most)
{
	if (setrlimit(what, &(struct rlimit){ most, most }) != 0)
		give_up();
}

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#define LOAD(member) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, (what))
#define REFUSED (SECCOMP_RET_ERRNO | EPERM)
#define REFUSE(call) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), RETURN(REFUSED)

#ifdef ARCHITECTURE
static void
filter_calls(void)
{
	struct sock_filter filter[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
		RETURN(SECCOMP_RET_KILL_PROCESS),
		LOAD(nr),
		/* x86: the same calls under other numbers */
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
		RETURN(REFUSED),
		REFUSE(socket),
		REFUSE(socketpair),
		REFUSE(connect),
		REFUSE(bind),
		REFUSE(listen),
		REFUSE(accept4),
		REFUSE(sendto),
		REFUSE(sendmsg),
		REFUSE(execve),
		REFUSE(execveat),
		REFUSE(clone),
		REFUSE(clone3),
		REFUSE(ptrace),
		REFUSE(process_vm_readv),
		REFUSE(process_vm_writev),
		REFUSE(kill),
		REFUSE(unlinkat),
		REFUSE(renameat2),
		REFUSE(linkat),
		REFUSE(symlinkat),
		REFUSE(mkdirat),
		REFUSE(fchmodat),
		REFUSE(fchownat),
		REFUSE(truncate),
		REFUSE(io_uring_setup),
		REFUSE(openat),
		REFUSE(openat2),
		REFUSE(open_by_handle_at),
#ifdef __x86_64__
		REFUSE(open),
		REFUSE(creat),
		REFUSE(fork),
		REFUSE(vfork),
		REFUSE(unlink),
		REFUSE(rename),
		REFUSE(renameat),
		REFUSE(link),
		REFUSE(symlink),
		REFUSE(mkdir),
		REFUSE(rmdir),
		REFUSE(chmod),
		REFUSE(chown),
#endif
		RETURN(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(*filter), filter };

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0 && errno != EINVAL)
		give_up();
}
#else
static void
filter_calls(void)
{
}
#endif

void
confine(void)
{
#ifndef __SANITIZE_ADDRESS__ /* its shadow memory is larger than that */
	limit(RLIMIT_AS, MEMORY_BYTES);
#endif
	limit(RLIMIT_CPU, CPU_SECONDS);
	limit(RLIMIT_FSIZE, WRITTEN_BYTES);
	limit(RLIMIT_NOFILE, FILES);
	limit(RLIMIT_CORE, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		give_up();
	filter_calls();
}
