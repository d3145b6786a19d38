/* glibc's has struct stat, too. */
#include <sys/stat.h>
#include_next <fcntl.h>
