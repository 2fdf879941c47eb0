/* replay.c -- runs a target over its corpus as a unit test: each file is one test. */
#include <dirent.h>

#include "fuzz/fuzz.h"

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
is_shown(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* Uses a buffer of exactly the file's size, so that reading one byte more is noticed. */
static void
replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data;
	long len;

	CLAIM(f && fseek(f, 0, SEEK_END) == 0 && (len = ftell(f)) >= 0);
	rewind(f);
	data = malloc(len > 0 ? (size_t)len : 1);
	CLAIM(data && fread(data, 1, (size_t)len, f) == (size_t)len);
	fclose(f);
	fuzz_one(data, (size_t)len);
	free(data);
}

/* With arguments it replays these files, to look into what libFuzzer has found. */
int
main(int argc, char **argv)
{
	const char *program = strrchr(argv[0], '/');
	struct dirent **files;
	char folder[256];
	int count;

	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	if (argc > 1)
		return 0;
	snprintf(folder, sizeof(folder), "fuzz/corpus/%s",
		 program ? program + 1 : argv[0]);
	count = scandir(folder, &files, is_shown, by_name);
	CLAIM(count > 0);
	printf("1..%d\n", count);
	for (int i = 0; i < count; i++) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", folder, files[i]->d_name);
		replay(path);
		printf("ok %d - %s\n", i + 1, path);
		fflush(stdout);
		free(files[i]);
	}
	free(files);
	return 0;
}
