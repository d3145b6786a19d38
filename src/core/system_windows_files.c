/* Files of Windows. A descriptor is a handle, of which 32 bits matter, never
** one of the C library: a program has several of those. Paths are UTF-8. */
#ifdef _WIN32

#define WIN32_LEAN_AND_MEAN
#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0601
#endif
#include <windows.h>

#include <stdint.h>
#include <string.h>

#include "system.h"

enum {
  LONGEST_PATH = 32768, /* with its zero, as Windows has it */
  MOST_READ = 1 << 30, /* bytes at once */
  NAP = 5 /* ms between looks at a pipe, which wakes nobody */
};

/* No handle has the number of standard input. */
static HANDLE handle_of(int fd) {
  if (fd == 0) return GetStdHandle(STD_INPUT_HANDLE);
  return (HANDLE)(intptr_t)fd;
}

/* INVALID_HANDLE_VALUE becomes -1. */
static int descriptor_of(HANDLE handle) {
  return (int)(intptr_t)handle;
}

/* What Windows says would be in the user's language. */
static const char *last_problem(void) {
  static const struct {
    DWORD code;
    const char *text;
  } problems[] = {
    {ERROR_FILE_NOT_FOUND, "No such file or directory"},
    {ERROR_PATH_NOT_FOUND, "No such file or directory"},
    {ERROR_INVALID_NAME, "No such file or directory"},
    {ERROR_ACCESS_DENIED, "Permission denied"},
    {ERROR_SHARING_VIOLATION, "another program keeps it to itself"},
    {ERROR_LOCK_VIOLATION, "another program has locked it"},
    {ERROR_TOO_MANY_OPEN_FILES, "Too many open files"},
    {ERROR_FILENAME_EXCED_RANGE, "File name too long"},
  };
  DWORD code = GetLastError();
  for (size_t i = 0; i < sizeof problems / sizeof *problems; i++) {
    if (problems[i].code == code) return problems[i].text;
  }
  return "the system cannot read it";
}

/* A name that is not UTF-8 is one of the code page, as Lua's own functions
** have it. */
static const char *open_handle(
  const char *path, DWORD access, DWORD what, HANDLE *out
) {
  wchar_t wide[LONGEST_PATH];
  int size = MultiByteToWideChar(
    CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, wide, LONGEST_PATH
  );
  if (size == 0) {
    size = MultiByteToWideChar(CP_ACP, 0, path, -1, wide, LONGEST_PATH);
  }
  if (size == 0) return "File name too long";
  *out = CreateFileW(
    wide, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
    what, FILE_FLAG_BACKUP_SEMANTICS /* folders, too */, NULL
  );
  return *out == INVALID_HANDLE_VALUE ? last_problem() : NULL;
}

const char *apv_system_open(const char *path, int *fd) {
  HANDLE handle;
  const char *problem = open_handle(path, GENERIC_READ, OPEN_EXISTING, &handle);
  *fd = problem == NULL ? descriptor_of(handle) : -1;
  return problem;
}

const char *apv_system_duplicate(int fd, int *own) {
  HANDLE process = GetCurrentProcess();
  HANDLE copy;
  DWORD count;
  char nothing;
  *own = -1;
  bool on_disk = GetFileType(handle_of(fd)) == FILE_TYPE_DISK;
  if (on_disk && !ReadFile(handle_of(fd), &nothing, 0, &count, NULL)) {
    return "it is not open for reading";
  }
  if (!DuplicateHandle(
        process, handle_of(fd), process, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS
      )) {
    return last_problem();
  }
  *own = descriptor_of(copy);
  return NULL;
}

/* From 100 ns since 1601 to seconds since 1970. */
static void set_time(struct apv_identity *identity, FILETIME time) {
  unsigned long long ticks =
    (unsigned long long)time.dwHighDateTime << 32 | time.dwLowDateTime;
  identity->modified = (long long)(ticks / 10000000U) - 11644473600LL;
  identity->nanoseconds = (long)(ticks % 10000000U) * 100;
}

static const char *look(HANDLE handle, struct apv_system_state *state) {
  BY_HANDLE_FILE_INFORMATION info;
  FILE_STANDARD_INFO links;
  memset(state, 0, sizeof *state);
  state->pipe = GetFileType(handle) != FILE_TYPE_DISK;
  if (state->pipe) return NULL;
  if (!GetFileInformationByHandle(handle, &info)) return last_problem();
  BOOL known = GetFileInformationByHandleEx(
    handle, FileStandardInfo, &links, sizeof links
  );
  if (!known) return last_problem();
  state->identity.device = info.dwVolumeSerialNumber;
  state->identity.inode =
    (unsigned long long)info.nFileIndexHigh << 32 | info.nFileIndexLow;
  state->identity.size = (long long
  )((unsigned long long)info.nFileSizeHigh << 32 | info.nFileSizeLow);
  set_time(&state->identity, info.ftLastWriteTime);
  state->directory = info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY;
  state->regular = !state->directory;
  state->linked = links.NumberOfLinks > 0 && !links.DeletePending;
  return NULL;
}

const char *apv_system_look(int fd, struct apv_system_state *state) {
  return look(handle_of(fd), state);
}

const char *apv_system_look_at(
  const char *path, struct apv_system_state *state
) {
  HANDLE handle;
  const char *problem =
    open_handle(path, FILE_READ_ATTRIBUTES, OPEN_EXISTING, &handle);
  if (problem != NULL) return problem;
  problem = look(handle, state);
  CloseHandle(handle);
  return problem;
}

/* Reading moves the position, which a stream of the host may share. */
const char *apv_system_read(int fd, char *out, size_t *size, long long offset) {
  LARGE_INTEGER here = {{0, 0}}, before;
  OVERLAPPED there = {0};
  DWORD count = 0;
  const char *problem = NULL;
  there.Offset = (DWORD)offset;
  there.OffsetHigh = (DWORD)(offset >> 32);
  if (*size > MOST_READ) *size = MOST_READ;
  if (!SetFilePointerEx(handle_of(fd), here, &before, FILE_CURRENT)) {
    return last_problem();
  }
  BOOL done = ReadFile(handle_of(fd), out, (DWORD)*size, &count, &there);
  if (!done && GetLastError() != ERROR_HANDLE_EOF) problem = last_problem();
  SetFilePointerEx(handle_of(fd), before, NULL, FILE_BEGIN);
  *size = count;
  return problem;
}

void apv_system_close(int fd) {
  CloseHandle(handle_of(fd));
}

const char *apv_system_read_pipe(
  int fd, char *out, size_t *size, double seconds, bool *has_ended
) {
  HANDLE pipe = handle_of(fd);
  double end = apv_system_now() + seconds;
  DWORD count = *size < MOST_READ ? (DWORD)*size : MOST_READ;
  DWORD there = 0;
  *size = 0;
  *has_ended = false;
  /* It fails where it is no pipe, or has ended: reading says which. */
  while (PeekNamedPipe(pipe, NULL, 0, NULL, &there, NULL) && there == 0) {
    if (apv_system_now() >= end) return NULL;
    Sleep(NAP);
  }
  bool done = ReadFile(pipe, out, count, &count, NULL);
  if (!done && GetLastError() != ERROR_BROKEN_PIPE) return last_problem();
  *size = done ? count : 0;
  *has_ended = *size == 0;
  return NULL;
}

/* A lock would keep the file open, and Windows gives the name of an open file
** to no other: everybody has one. */
const char *apv_system_lock_file(const char *path, int *lock) {
  HANDLE handle;
  const char *problem = open_handle(path, GENERIC_WRITE, OPEN_ALWAYS, &handle);
  if (problem == NULL) CloseHandle(handle);
  *lock = 0;
  return problem;
}

void apv_system_unlock_file(int lock) {
  (void)lock;
}

/* C:\…, \\server\… */
bool apv_system_is_absolute(const char *path) {
  if (*path == '\0' || path[1] == '\0') return false;
  if (path[1] == ':') return path[2] == '\\' || path[2] == '/';
  return (path[0] == '\\' || path[0] == '/') && path[1] == path[0];
}

size_t apv_system_utf8(const char *path, char *out, size_t size) {
  wchar_t wide[LONGEST_PATH];
  DWORD strict = MB_ERR_INVALID_CHARS;
  int count =
    MultiByteToWideChar(CP_UTF8, strict, path, -1, wide, LONGEST_PATH);
  if (count > 0) return 0;
  count = MultiByteToWideChar(CP_ACP, strict, path, -1, wide, LONGEST_PATH);
  if (count == 0) return 0;
  int length =
    WideCharToMultiByte(CP_UTF8, 0, wide, -1, out, (int)size, NULL, NULL);
  return length > 0 ? (size_t)length - 1 : 0;
}

size_t apv_system_native(const char *path, char *out, size_t size) {
  wchar_t wide[LONGEST_PATH];
  BOOL lacks = FALSE;
  int count = MultiByteToWideChar(
    CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, wide, LONGEST_PATH
  );
  if (count == 0) return 0;
  int length = WideCharToMultiByte(
    CP_ACP, WC_NO_BEST_FIT_CHARS, wide, -1, out, (int)size, NULL, &lacks
  );
  return length > 0 && !lacks ? (size_t)length - 1 : 0;
}

#endif
