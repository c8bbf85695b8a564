/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_TEAM_H
#define TN_TEAM_H

#include <stdbool.h>
#include <stddef.h>

/* The processes that share a command: one (team_alone.c), or the ranks of an MPI job (team_mpi.c, in tonnage-mpi). All
   of them call what is marked "together". */

void tn_team_begin(int *argc, char ***argv);
void tn_team_end(void);
int tn_team_rank(void); /* 0 leads */
int tn_team_size(void);
/* "tonnage-mpi 4.1, 3 ranks", or NULL */
const char *tn_team_library(void);

/* Together: opens a count of items that anybody may claim. False where the network has no such count: then items are
   dealt out in turn, which is as good but for the last ones. */
bool tn_team_open(void);
/* The first of `count` items that nobody else has claimed, from 0; whoever comes when all are gone gets more than
   there are. Waits for nobody. The count is the same in every call of a team. */
size_t tn_team_claim(size_t count);
/* From now on nobody claims any; where items are dealt out, this process does not. */
void tn_team_stop(void);
/* Lets others' claims through, where the network needs this process for it; to be called now and then. */
void tn_team_poll(void);
/* Together: closes the count. */
void tn_team_close(void);

/* Together: the largest of all values. */
int tn_team_most(int value);
double tn_team_sum(double value);
/* Together: what rank 0 has. */
void tn_team_share(void *data, size_t size);

#endif
