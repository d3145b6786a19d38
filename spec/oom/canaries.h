#ifndef OOM_CANARIES_H
#define OOM_CANARIES_H

/* Makes the calls of canaries.lua and looks for its secrets in every block that
** the core has ever had. Returns the status of the program. */
int canaries_main(void);

#endif
