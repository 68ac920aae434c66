/* Loaded before the C library (LD_PRELOAD): counts what a process changes on the disk under one folder, and at the
   n-th change ends the process or lets the change fail. Everything of the process is seen, DuckDB and SQLite too. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE = 1, RENAME = 2, SYNC = 4, MAKE = 8, REMOVE = 16 };
enum { OFF, KILL, FULL, FAIL };  /* FULL: from the n-th on nothing can be written; FAIL: the n-th alone fails */

static int what = OFF, kinds, failure;
static long at, count;
static char root[4096];
static size_t length;

void clue_arm(int how, int of, long n, int error, const char *folder) {
    length = strlen(folder);
    memcpy(root, folder, length + 1);
    kinds = of, at = n, failure = error, count = 0, what = how;
}
long clue_count(void) { return count; }
void clue_arm_off(void) { what = OFF; }

static int inside(const char *path) { return path[0] != '/' || strncmp(path, root, length) == 0; }
static int inside_fd(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    return path[0] == '/' && strncmp(path, root, length) == 0;
}
/* 0: go on; else fail. Torn: half of the bytes are written before the process ends. */
static int meets(int kind) {
    if (what == OFF || !(kinds & kind)) return 0;
    long n = __sync_add_and_fetch(&count, 1);
    if (at == 0 || n < at) return 0;
    if (what == KILL) return 2;
    if (what == FULL || n == at) { errno = failure; return 1; }
    return 0;
}
#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define GUARD(kind, here) if (what != OFF && (here)) { int m = meets(kind); if (m == 2) kill(getpid(), SIGKILL); if (m) return -1; }
#define GUARD_TORN(here, half) if (what != OFF && (here)) { int m = meets(WRITE); if (m == 2) { if (at % 2) { half; } kill(getpid(), SIGKILL); } if (m) return -1; }

ssize_t write(int fd, const void *b, size_t n) { REAL(write); GUARD_TORN(inside_fd(fd), real(fd, b, n / 2)) return real(fd, b, n); }
ssize_t pwrite(int fd, const void *b, size_t n, off_t o) { REAL(pwrite); GUARD_TORN(inside_fd(fd), real(fd, b, n / 2, o)) return real(fd, b, n, o); }
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) { REAL(pwrite64); GUARD_TORN(inside_fd(fd), real(fd, b, n / 2, o)) return real(fd, b, n, o); }
ssize_t writev(int fd, const struct iovec *v, int n) { REAL(writev); GUARD(WRITE, inside_fd(fd)) return real(fd, v, n); }
int ftruncate(int fd, off_t n) { REAL(ftruncate); GUARD(WRITE, inside_fd(fd)) return real(fd, n); }
int ftruncate64(int fd, off64_t n) { REAL(ftruncate64); GUARD(WRITE, inside_fd(fd)) return real(fd, n); }
int fsync(int fd) { REAL(fsync); GUARD(SYNC, inside_fd(fd)) return real(fd); }
int fdatasync(int fd) { REAL(fdatasync); GUARD(SYNC, inside_fd(fd)) return real(fd); }
int rename(const char *a, const char *b) { REAL(rename); GUARD(RENAME, inside(b)) return real(a, b); }
int renameat(int x, const char *a, int y, const char *b) { REAL(renameat); GUARD(RENAME, inside(b)) return real(x, a, y, b); }
int link(const char *a, const char *b) { REAL(link); GUARD(RENAME, inside(b)) return real(a, b); }
int unlink(const char *a) { REAL(unlink); GUARD(REMOVE, inside(a)) return real(a); }
int unlinkat(int d, const char *a, int f) { REAL(unlinkat); GUARD(REMOVE, inside(a)) return real(d, a, f); }
int rmdir(const char *a) { REAL(rmdir); GUARD(REMOVE, inside(a)) return real(a); }
int mkdir(const char *a, mode_t m) { REAL(mkdir); GUARD(MAKE, inside(a)) return real(a, m); }
#define OPENS(name) int name(const char *p, int f, ...) { va_list l; va_start(l, f); mode_t m = va_arg(l, mode_t); va_end(l); \
    REAL(name); GUARD(MAKE, (f & O_CREAT) && inside(p)) return real(p, f, m); }
OPENS(open)
OPENS(open64)
