/* Windows, from 7 on. A descriptor is a handle, of which 32 bits matter, never
** one of the C library: a program has several of those. Paths are UTF-8. */
#ifdef _WIN32

#define WIN32_LEAN_AND_MEAN
#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0601
#endif
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>

#include <bcrypt.h>
#include <io.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "system.h"

#ifndef WSA_FLAG_NO_HANDLE_INHERIT
#define WSA_FLAG_NO_HANDLE_INHERIT 0x80
#endif

enum {
  LONGEST_PATH = 32768, /* with its zero, as Windows has it */
  MOST_READ = 1 << 30 /* bytes at once */
};

static HANDLE handle_of(int fd) {
  return (HANDLE)(intptr_t)fd;
}

/* INVALID_HANDLE_VALUE becomes -1. */
static int descriptor_of(HANDLE handle) {
  return (int)(intptr_t)handle;
}

/* --- clock, process, chance ----------------------------------------------- */

double apv_system_now(void) {
  LARGE_INTEGER count, frequency;
  QueryPerformanceFrequency(&frequency);
  QueryPerformanceCounter(&count);
  return (double)count.QuadPart / (double)frequency.QuadPart;
}

/* There are none. */
void apv_system_watch_forks(void) {
}

unsigned long apv_system_process(void) {
  return 0;
}

bool apv_system_random(unsigned char *out, size_t size) {
  return BCryptGenRandom(
           NULL, out, (ULONG)size, BCRYPT_USE_SYSTEM_PREFERRED_RNG
         ) == 0;
}

static SRWLOCK lock = SRWLOCK_INIT;

void apv_system_lock(void) {
  AcquireSRWLockExclusive(&lock);
}

void apv_system_unlock(void) {
  ReleaseSRWLockExclusive(&lock);
}

static HMODULE module_of(void (*code)(void), DWORD flags) {
  HMODULE module = NULL;
  const void *address; /* C has no cast for it, Windows has the same bits */
  memcpy(&address, &code, sizeof address);
  flags |= GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
  return GetModuleHandleExA(flags, address, &module) ? module : NULL;
}

void apv_system_keep_loaded(void (*code)(void)) {
  (void)module_of(code, GET_MODULE_HANDLE_EX_FLAG_PIN);
}

struct aside {
  void (*work)(void *);
  void *argument;
};

static DWORD WINAPI run_aside(void *argument) {
  struct aside aside = *(struct aside *)argument;
  free(argument);
  aside.work(aside.argument);
  return 0;
}

/* Its code must not go while it runs. */
void apv_system_run_aside(void (*work)(void *), void *argument) {
  struct aside *aside = malloc(sizeof *aside);
  if (aside != NULL) {
    *aside = (struct aside){work, argument};
    apv_system_keep_loaded((void (*)(void))run_aside);
    HANDLE thread = CreateThread(NULL, 0, run_aside, aside, 0, NULL);
    if (thread != NULL) {
      CloseHandle(thread);
      return;
    }
    free(aside);
  }
  work(argument);
}

/* --- sockets, terminals --------------------------------------------------- */

int apv_system_socket(int family, int type, int protocol) {
  DWORD flags = WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT;
  return (int)WSASocketW(family, type, protocol, NULL, 0, flags);
}

void apv_system_close_socket(int fd) {
  closesocket((SOCKET)fd);
}

int apv_system_socket_port(int fd) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } name;
  int size = sizeof name;
  memset(&name, 0, sizeof name);
  if (getsockname((SOCKET)fd, &name.any, &size) != 0) return 0;
  if (name.any.sa_family == AF_INET) return ntohs(name.v4.sin_port);
  if (name.any.sa_family == AF_INET6) return ntohs(name.v6.sin6_port);
  return 0;
}

bool apv_system_socket_is_quiet(int fd) {
  char byte;
  return recv((SOCKET)fd, &byte, 1, MSG_PEEK) < 0 &&
         WSAGetLastError() == WSAEWOULDBLOCK;
}

void apv_system_end_reading(int fd) {
  (void)shutdown((SOCKET)fd, SD_RECEIVE);
}

/* There is no such signal. */
void apv_system_hold_pipe(struct apv_system_pipe *pipe) {
  (void)pipe;
}

void apv_system_release_pipe(const struct apv_system_pipe *pipe) {
  (void)pipe;
}

static UINT code_page;

static void restore_code_page(void) {
  SetConsoleOutputCP(code_page);
}

static void prepare_console(HANDLE console, DWORD mode) {
  SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
  if (code_page != 0) return;
  code_page = GetConsoleOutputCP();
  if (SetConsoleOutputCP(CP_UTF8)) atexit(restore_code_page);
}

int apv_system_terminal_width(int fd) {
  static const DWORD names[] = {
    STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};
  CONSOLE_SCREEN_BUFFER_INFO info;
  DWORD mode;
  if (fd < 0 || fd > 2) return -1;
  HANDLE console = GetStdHandle(names[fd]);
  if (!GetConsoleMode(console, &mode)) return -1;
  if (!GetConsoleScreenBufferInfo(console, &info)) return 0; /* for input */
  prepare_console(console, mode);
  return info.srWindow.Right - info.srWindow.Left + 1;
}

/* --- files ---------------------------------------------------------------- */

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
static const char *open_handle(const char *path, DWORD access, HANDLE *out) {
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
    OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS /* folders, too */, NULL
  );
  return *out == INVALID_HANDLE_VALUE ? last_problem() : NULL;
}

const char *apv_system_open(const char *path, int *fd) {
  HANDLE handle;
  const char *problem = open_handle(path, GENERIC_READ, &handle);
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
  if (GetFileType(handle) != FILE_TYPE_DISK) return NULL;
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
  const char *problem = open_handle(path, FILE_READ_ATTRIBUTES, &handle);
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

/* C:\…, \\server\… */
bool apv_system_is_absolute(const char *path) {
  if (*path == '\0' || path[1] == '\0') return false;
  if (path[1] == ':') return path[2] == '\\' || path[2] == '/';
  return (path[0] == '\\' || path[0] == '/') && path[1] == path[0];
}

/* A module names the libraries that it was linked with. */
static bool is_linked_with(HMODULE module, const char *library) {
  const char *base = (const char *)module;
  const IMAGE_DOS_HEADER *start = (const IMAGE_DOS_HEADER *)base;
  const IMAGE_NT_HEADERS *headers =
    (const IMAGE_NT_HEADERS *)(base + start->e_lfanew);
  const IMAGE_DATA_DIRECTORY *imports =
    &headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];
  if (imports->VirtualAddress == 0) return false;
  const IMAGE_IMPORT_DESCRIPTOR *it =
    (const IMAGE_IMPORT_DESCRIPTOR *)(base + imports->VirtualAddress);
  for (; it->Name != 0; it++) {
    if (_stricmp(base + it->Name, library) == 0) return true;
  }
  return false;
}

/* Streams of another C library are other structures. */
const char *apv_system_stream(FILE *stream, void (*code)(void), int *fd) {
#ifdef _UCRT
  static const char ours[] = "api-ms-win-crt-stdio-l1-1-0.dll";
#else
  static const char ours[] = "msvcrt.dll";
#endif
  HMODULE module =
    code ? module_of(code, GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT) : NULL;
  *fd = -1;
  if (module == NULL || !is_linked_with(module, ours)) {
    return "this Lua has another C library than apivideo: give its path";
  }
  *fd = descriptor_of((HANDLE)_get_osfhandle(_fileno(stream)));
  return NULL;
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

#endif
