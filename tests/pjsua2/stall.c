/* Preloaded under a recorder: writes hang for as long as the file named by STALL_WHILE exists. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static ssize_t stalled(const char *name, int fd, const void *bytes, size_t count, off_t offset) {
    const char *file = getenv("STALL_WHILE");
    ssize_t (*real)(int, const void *, size_t, off_t) =
        (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, name);
    while (file && access(file, F_OK) == 0) usleep(10000);
    return real(fd, bytes, count, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    return stalled("pwrite", fd, bytes, count, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t offset) {
    return stalled("pwrite64", fd, bytes, count, offset);
}
