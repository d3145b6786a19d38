/* usage: multi URL CALLS AT_ONCE */
#include <stdlib.h>

#include "many.h"

int main(int count, char **arguments) {
  if (count != 4) return 2;
  struct many nothing = {NULL, NULL, NULL};
  many_run(arguments[1], atoi(arguments[2]), atoi(arguments[3]), &nothing);
  return 0;
}
