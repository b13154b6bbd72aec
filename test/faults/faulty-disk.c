/*
 * What the kernel's calls answer to one process, as a test wishes: loaded before libc, told by a file that is mapped into memory.
 *
 * Bytes 0 to 7 of that file are added to the wall clock, in nanoseconds (the monotonic clock is left alone). From byte 8 on
 * there are rules, one a line, for files whose path contains the last word:
 *
 *     write EIO /intake/        nothing is written
 *     written EIO /intake/      it is written, but the disk does not say so
 *     half EIO /intake/         half of it is written
 *     sync EIO signalbox.db     fsync and fdatasync
 *     read EIO /intake/         a read
 *     open EMFILE /intake/      opening it
 *     slow 20 /intake/          each write takes so many milliseconds longer
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define SIZE 4096

static const char *told;

__attribute__((constructor)) static void begin(void) {
  const char *name = getenv("FAULTY_DISK");
  int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  int file = name ? real(name, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *memory = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (memory != MAP_FAILED) told = memory;
}

static int number(const char *name) {
  if (!strcmp(name, "EIO")) return EIO;
  if (!strcmp(name, "ENOSPC")) return ENOSPC;
  if (!strcmp(name, "EROFS")) return EROFS;
  if (!strcmp(name, "EMFILE")) return EMFILE;
  return atoi(name);
}

/* The value of the rule for this call on this path, or 0. */
static int rule(const char *call, const char *path) {
  if (!told || !told[8]) return 0;
  char rules[SIZE - 7], *rest = rules, *line;
  memcpy(rules, told + 8, SIZE - 8);
  rules[SIZE - 8] = 0;
  while ((line = strsep(&rest, "\n"))) {
    char name[16], value[16], part[256];
    if (sscanf(line, "%15s %15s %255s", name, value, part) == 3 && !strcmp(name, call) && strstr(path, part))
      return number(value);
  }
  return 0;
}

static int rule_of(const char *call, int file) {
  if (!told || !told[8]) return 0;
  char link[64], path[1024];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return rule(call, path);
}

static int fails(const char *call, int file) {
  int error = rule_of(call, file);
  if (error) errno = error;
  return error;
}

static void slowly(int file) {
  int milliseconds = rule_of("slow", file);
  if (milliseconds) usleep(milliseconds * 1000);
}

#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(real))dlsym(RTLD_NEXT, #name)

#define WRITE(CALL, LESS) \
  slowly(file); \
  if (fails("write", file)) return -1; \
  if (rule_of("half", file)) { \
    LESS; \
    fails("half", file); \
    return -1; \
  } \
  ssize_t done = CALL; \
  if (fails("written", file)) return -1; \
  return done

ssize_t write(int file, const void *bytes, size_t length) {
  REAL(write);
  WRITE(real(file, bytes, length), real(file, bytes, length / 2));
}
ssize_t pwrite(int file, const void *bytes, size_t length, off_t at) {
  REAL(pwrite);
  WRITE(real(file, bytes, length, at), real(file, bytes, length / 2, at));
}
ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t at) {
  REAL(pwrite64);
  WRITE(real(file, bytes, length, at), real(file, bytes, length / 2, at));
}
ssize_t writev(int file, const struct iovec *parts, int count) {
  REAL(writev);
  WRITE(real(file, parts, count), real(file, parts, count / 2));
}
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at) {
  REAL(pwritev);
  WRITE(real(file, parts, count, at), real(file, parts, count / 2, at));
}
ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t at) {
  REAL(pwritev64);
  WRITE(real(file, parts, count, at), real(file, parts, count / 2, at));
}

ssize_t read(int file, void *bytes, size_t length) {
  REAL(read);
  return fails("read", file) ? -1 : real(file, bytes, length);
}
ssize_t pread(int file, void *bytes, size_t length, off_t at) {
  REAL(pread);
  return fails("read", file) ? -1 : real(file, bytes, length, at);
}
ssize_t pread64(int file, void *bytes, size_t length, off64_t at) {
  REAL(pread64);
  return fails("read", file) ? -1 : real(file, bytes, length, at);
}

int fsync(int file) {
  REAL(fsync);
  return fails("sync", file) ? -1 : real(file);
}
int fdatasync(int file) {
  REAL(fdatasync);
  return fails("sync", file) ? -1 : real(file);
}

#define OPEN(CALL) \
  int mode = 0; \
  if (flags & (O_CREAT | O_TMPFILE)) { \
    va_list more; \
    va_start(more, flags); \
    mode = va_arg(more, int); \
    va_end(more); \
  } \
  int error = rule("open", path); \
  if (error) { \
    errno = error; \
    return -1; \
  } \
  return CALL

int open(const char *path, int flags, ...) {
  REAL(open);
  OPEN(real(path, flags, mode));
}
int open64(const char *path, int flags, ...) {
  REAL(open64);
  OPEN(real(path, flags, mode));
}

static int64_t jump(void) {
  int64_t nanoseconds = 0;
  if (told) memcpy(&nanoseconds, told, sizeof nanoseconds);
  return nanoseconds;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  REAL(clock_gettime);
  int failed = real(clock, time);
  if (failed || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return failed;
  int64_t now = (int64_t)time->tv_sec * 1000000000 + time->tv_nsec + jump();
  time->tv_sec = now / 1000000000;
  time->tv_nsec = now % 1000000000;
  return 0;
}
int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}
time_t time(time_t *into) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (into) *into = now.tv_sec;
  return now.tv_sec;
}
