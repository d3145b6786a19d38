/* A file that is uploaded. */
#include "file.h"

#include <string.h>

#include "memory.h"
#include "system.h"

struct apv_file {
  int references;
  int fd;
  unsigned long process; /* in which it was opened */
  struct apv_identity identity;
  size_t block_size;
  char path[]; /* "": it was not opened by us */
};

/* Takes the descriptor over, also when it fails. */
static enum apv_status file_new(
  int fd, const char *path, apv_file **out, const char **problem
) {
  struct apv_system_state state;
  size_t size = sizeof(apv_file) + strlen(path) + 1;
  apv_file *file = NULL;
  enum apv_status status = APV_FILE;
  *problem = apv_system_look(fd, &state);
  if (*problem != NULL) goto fail;
  if (!state.regular) {
    *problem =
      state.directory ? "it is a directory" : "it is not a regular file";
    goto fail;
  }
  status = APV_NO_MEMORY;
  *problem = apv_status_text(status);
  file = apv_allocate(size);
  if (file == NULL) goto fail;
  file->references = 1;
  file->fd = fd;
  file->process = apv_system_process();
  file->identity = state.identity;
  file->block_size = size;
  strcpy(file->path, path);
  *out = file;
  return APV_OK;
fail:
  apv_system_close(fd);
  return status;
}

enum apv_status apv_file_open(
  const char *path, apv_file **file, const char **problem
) {
  int fd;
  *file = NULL;
  apv_system_watch_forks();
  *problem = apv_system_open(path, &fd);
  return *problem ? APV_FILE : file_new(fd, path, file, problem);
}

enum apv_status apv_file_adopt(int fd, apv_file **file, const char **problem) {
  int own;
  *file = NULL;
  apv_system_watch_forks();
  *problem = apv_system_duplicate(fd, &own);
  return *problem ? APV_FILE : file_new(own, "", file, problem);
}

apv_file *apv_file_share(apv_file *file) {
  if (file != NULL) file->references++;
  return file;
}

static bool is_same(
  const struct apv_identity *a, const struct apv_identity *b
) {
  return a->device == b->device && a->inode == b->inode;
}

/* A child process may have closed the descriptor that it inherited, and have
** one of its own by that number. */
static bool is_ours(const apv_file *file) {
  struct apv_system_state state;
  if (file->process == apv_system_process()) return true;
  if (apv_system_look(file->fd, &state) != NULL) return false;
  return is_same(&state.identity, &file->identity);
}

void apv_file_drop(apv_file *file) {
  if (file == NULL || --file->references > 0) return;
  if (is_ours(file)) apv_system_close(file->fd);
  apv_release(file, file->block_size);
}

struct apv_identity apv_file_identity(const apv_file *file) {
  return file->identity;
}

/* --- the same file still -------------------------------------------------- */

static const char SHRUNK[] = "the file has shrunk since the upload began";

static const char *change(
  const struct apv_identity *was, const struct apv_identity *is
) {
  if (is->size > was->size) return "the file has grown since the upload began";
  if (is->size < was->size) return SHRUNK;
  bool touched =
    is->modified != was->modified || is->nanoseconds != was->nanoseconds;
  return touched ? "the file was changed since the upload began" : NULL;
}

/* Somebody may have put another file in its place, which is not the one that
** we have open. A relative path leads elsewhere once the program has changed
** its directory, and says nothing. */
static bool is_replaced(const apv_file *file) {
  struct apv_system_state other;
  if (!apv_system_is_absolute(file->path)) return false;
  if (apv_system_look_at(file->path, &other) != NULL) return false;
  return !is_same(&other.identity, &file->identity);
}

const char *apv_file_problem(const apv_file *file) {
  struct apv_system_state now;
  const char *problem = apv_system_look(file->fd, &now);
  if (problem == NULL) problem = change(&file->identity, &now.identity);
  if (problem != NULL) return problem;
  if (*file->path != '\0' && !now.linked) {
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
    size_t count = size;
    const char *problem = apv_system_read(file->fd, out, &count, offset);
    if (problem != NULL) return problem;
    if (count == 0) return SHRUNK;
    out += count;
    offset += (long long)count;
    size -= count;
  }
  return apv_file_problem(file);
}
