/* A file that is uploaded: opened once, read at any offset, and known to be
** the same from the first part to the last. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct apv_file {
  int references;
  int fd;
  struct apv_identity identity;
  size_t block_size;
  char path[]; /* "": it was not opened by us */
};

static struct apv_identity identity_of(const struct stat *found) {
  struct apv_identity identity = {
    .device = (uint64_t)found->st_dev,
    .inode = (uint64_t)found->st_ino,
    .size = (long long)found->st_size,
#ifdef __APPLE__
    .modified = (long long)found->st_mtimespec.tv_sec,
    .nanoseconds = found->st_mtimespec.tv_nsec,
#else
    .modified = (long long)found->st_mtim.tv_sec,
    .nanoseconds = found->st_mtim.tv_nsec,
#endif
  };
  return identity;
}

/* Takes the descriptor over, also when it fails. */
static enum apv_status file_new(
  int fd, const char *path, apv_file **out, const char **problem
) {
  struct stat found;
  size_t size = sizeof(apv_file) + strlen(path) + 1;
  apv_file *file = NULL;
  enum apv_status status = APV_FILE;
  if (fstat(fd, &found) != 0) {
    *problem = strerror(errno);
    goto fail;
  }
  if (!S_ISREG(found.st_mode)) {
    *problem =
      S_ISDIR(found.st_mode) ? "it is a directory" : "it is not a regular file";
    goto fail;
  }
  status = APV_NO_MEMORY;
  file = apv_allocate(size);
  if (file == NULL) goto fail;
  file->references = 1;
  file->fd = fd;
  file->identity = identity_of(&found);
  file->block_size = size;
  strcpy(file->path, path);
  *out = file;
  return APV_OK;
fail:
  close(fd);
  return status;
}

/* Without waiting for whoever writes, were it a pipe. */
enum apv_status apv_file_open(
  const char *path, apv_file **file, const char **problem
) {
  *file = NULL;
  *problem = apv_status_text(APV_NO_MEMORY);
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) {
    *problem = strerror(errno);
    return APV_FILE;
  }
  return file_new(fd, path, file, problem);
}

enum apv_status apv_file_adopt(int fd, apv_file **file, const char **problem) {
  *file = NULL;
  *problem = "it is not open for reading";
  if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY) return APV_FILE;
  *problem = apv_status_text(APV_NO_MEMORY);
  int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (own < 0) {
    *problem = strerror(errno);
    return APV_FILE;
  }
  return file_new(own, "", file, problem);
}

apv_file *apv_file_share(apv_file *file) {
  if (file != NULL) file->references++;
  return file;
}

void apv_file_drop(apv_file *file) {
  if (file == NULL || --file->references > 0) return;
  close(file->fd);
  apv_release(file, file->block_size);
}

struct apv_identity apv_file_identity(const apv_file *file) {
  return file->identity;
}

/* --- the same file still -------------------------------------------------- */

static const char *change(
  const struct apv_identity *was, const struct apv_identity *is
) {
  if (is->size > was->size) return "the file has grown since the upload began";
  if (is->size < was->size) {
    return "the file has shrunk since the upload began";
  }
  bool touched =
    is->modified != was->modified || is->nanoseconds != was->nanoseconds;
  return touched ? "the file was changed since the upload began" : NULL;
}

/* Somebody may have put another file in its place, which is not the one that
** we have open. A relative path leads elsewhere once the program has changed
** its directory, and says nothing. */
static bool is_replaced(const apv_file *file) {
  struct stat found;
  if (*file->path != '/' || stat(file->path, &found) != 0) return false;
  struct apv_identity other = identity_of(&found);
  return other.device != file->identity.device ||
         other.inode != file->identity.inode;
}

const char *apv_file_problem(const apv_file *file) {
  struct stat found;
  if (fstat(file->fd, &found) != 0) return strerror(errno);
  struct apv_identity now = identity_of(&found);
  const char *problem = change(&file->identity, &now);
  if (problem != NULL) return problem;
  if (*file->path != '\0' && found.st_nlink == 0) {
    return "the file was removed or replaced since the upload began";
  }
  if (is_replaced(file)) {
    return "the file was replaced since the upload began";
  }
  return NULL;
}

const char *apv_file_read(
  const apv_file *file, char *out, size_t size, long long offset
) {
  while (size > 0) {
    ssize_t count = pread(file->fd, out, size, (off_t)offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return strerror(errno);
    if (count == 0) return "the file has shrunk since the upload began";
    out += count;
    offset += count;
    size -= (size_t)count;
  }
  return apv_file_problem(file);
}
