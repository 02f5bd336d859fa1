/* Between a program and the disk: counts, fails or records what it asks of files under one folder.
   Loaded by LD_PRELOAD, steered from Python through ctypes (tests/faults/shim.py). One thread. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char folder[4096];
static long seen, fail_at, fail_for;
static int fail_with, log_fd = -1;

void fault_watch(const char *path) { snprintf(folder, sizeof folder, "%s", path); seen = 0; fail_at = 0; }
void fault_arm(long at, long times, int with) { seen = 0; fail_at = at; fail_for = times; fail_with = with; }
long fault_seen(void) { return seen; }
void fault_record(const char *path) {
  log_fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
}

static int ours(const char *path) { return folder[0] && path && !strncmp(path, folder, strlen(folder)); }

static int of_fd(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = syscall(SYS_readlinkat, AT_FDCWD, link, path, 4095);
  if (n < 0) return 0;
  path[n] = 0;
  return ours(path);
}

static int refused(void) {
  seen++;
  if (fail_at && seen >= fail_at && (fail_for < 0 || seen < fail_at + fail_for)) { errno = fail_with; return 1; }
  return 0;
}

static void note(char kind, const char *path, const char *other, uint64_t at, const void *data, uint64_t size) {
  if (log_fd < 0) return;
  int kept = errno;
  uint64_t head[5] = {(uint64_t)kind, strlen(path), other ? strlen(other) : 0, at, size};
  syscall(SYS_write, log_fd, head, sizeof head);
  syscall(SYS_write, log_fd, path, head[1]);
  if (other) syscall(SYS_write, log_fd, other, head[2]);
  if (data && size) syscall(SYS_write, log_fd, data, size);
  errno = kept;
}

void fault_mark(const char *what) { note('M', what, 0, 0, 0, 0); }

#define REAL(name) static __typeof__(name) *real; if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t size) {
  REAL(write);
  char path[4096];
  if (!of_fd(fd, path)) return real(fd, data, size);
  if (refused()) return -1;
  off_t at = (fcntl(fd, F_GETFL) & O_APPEND) ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
  ssize_t done = real(fd, data, size);
  if (done > 0) note('W', path, 0, at, data, done);
  return done;
}

#define POSITIONED(name, type)                                       \
  ssize_t name(int fd, const void *data, size_t size, type at) {     \
    REAL(name);                                                      \
    char path[4096];                                                 \
    if (!of_fd(fd, path)) return real(fd, data, size, at);           \
    if (refused()) return -1;                                        \
    ssize_t done = real(fd, data, size, at);                         \
    if (done > 0) note('W', path, 0, at, data, done);                \
    return done;                                                     \
  }
POSITIONED(pwrite, off_t)
POSITIONED(pwrite64, off64_t)

#define SYNCED(name)                            \
  int name(int fd) {                            \
    REAL(name);                                 \
    char path[4096];                            \
    if (!of_fd(fd, path)) return real(fd);      \
    if (refused()) return -1;                   \
    int done = real(fd);                        \
    if (!done) note('S', path, 0, 0, 0, 0);     \
    return done;                                \
  }
SYNCED(fsync)
SYNCED(fdatasync)

#define CUT(name, type)                             \
  int name(int fd, type size) {                     \
    REAL(name);                                     \
    char path[4096];                                \
    if (!of_fd(fd, path)) return real(fd, size);    \
    if (refused()) return -1;                       \
    int done = real(fd, size);                      \
    if (!done) note('T', path, 0, size, 0, 0);      \
    return done;                                    \
  }
CUT(ftruncate, off_t)
CUT(ftruncate64, off64_t)

#define MOVED(name, kind)                                   \
  int name(const char *from, const char *to) {              \
    REAL(name);                                             \
    if (!ours(from) && !ours(to)) return real(from, to);    \
    if (refused()) return -1;                               \
    int done = real(from, to);                              \
    if (!done) note(kind, from, to, 0, 0, 0);               \
    return done;                                            \
  }
MOVED(rename, 'R')
MOVED(link, 'L')

int unlink(const char *path) {
  REAL(unlink);
  int done = real(path);
  if (!done && ours(path)) note('U', path, 0, 0, 0, 0);
  return done;
}

int mkdir(const char *path, mode_t mode) {
  REAL(mkdir);
  if (ours(path) && refused()) return -1;
  int done = real(path, mode);
  if (!done && ours(path)) note('D', path, 0, 0, 0, 0);
  return done;
}

#define OPENED(name)                                                                       \
  int name(const char *path, int flags, ...) {                                             \
    REAL(name);                                                                            \
    mode_t mode = 0;                                                                       \
    if (flags & O_CREAT) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); } \
    if (!ours(path) || !(flags & O_CREAT)) return real(path, flags, mode);                 \
    int fresh = access(path, F_OK) != 0;                                                   \
    if (fresh && refused()) return -1;                                                     \
    int fd = real(path, flags, mode);                                                      \
    if (fd >= 0 && fresh) note('C', path, 0, 0, 0, 0);                                     \
    else if (fd >= 0 && (flags & O_TRUNC)) note('T', path, 0, 0, 0, 0);                    \
    return fd;                                                                             \
  }
OPENED(open)
OPENED(open64)
