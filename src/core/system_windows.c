/* Windows, from 7 on; its files are in system_windows_files.c. */
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
#include <stdlib.h>
#include <string.h>

#include "system.h"

#ifndef WSA_FLAG_NO_HANDLE_INHERIT
#define WSA_FLAG_NO_HANDLE_INHERIT 0x80
#endif

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

/* There is no number of them that a process could reach. */
bool apv_system_lacks_descriptors(int count) {
  (void)count;
  return false;
}

/* There is Ctrl-C alone. */
void apv_system_heed_signals(void) {
}

int apv_system_signal(const char **name) {
  *name = NULL;
  return 0;
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

bool apv_system_socket_has_ended(int fd) {
  char byte;
  int size = recv((SOCKET)fd, &byte, 1, MSG_PEEK);
  return size == 0 || (size < 0 && WSAGetLastError() != WSAEWOULDBLOCK);
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

static void prepare_code_page(void) {
  if (code_page != 0) return;
  code_page = GetConsoleOutputCP();
  if (SetConsoleOutputCP(CP_UTF8)) atexit(restore_code_page);
}

/* Before Windows 10 no console takes codes. */
int apv_system_terminal_width(int fd, bool *codes) {
  static const DWORD names[] = {
    STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};
  CONSOLE_SCREEN_BUFFER_INFO info;
  DWORD mode;
  *codes = false;
  if (fd < 0 || fd > 2) return -1;
  HANDLE console = GetStdHandle(names[fd]);
  if (!GetConsoleMode(console, &mode)) return -1;
  if (!GetConsoleScreenBufferInfo(console, &info)) return 0; /* for input */
  prepare_code_page();
  *codes = SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
  return info.srWindow.Right - info.srWindow.Left + 1;
}

/* --- C libraries ---------------------------------------------------------- */

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
  *fd = (int)_get_osfhandle(_fileno(stream));
  return NULL;
}

void *apv_system_exported(const char *name) {
  (void)name;
  return NULL;
}

#endif
