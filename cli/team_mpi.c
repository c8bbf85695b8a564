/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "team.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>

#include <mpi.h>

/* The count of claimed items is a number in a window of rank 0, added to from afar: nobody waits for rank 0, which
   works as the others do. Some networks have no such windows (Open MPI's osc/rdma fails over TCP): there items are
   dealt out in turn. */

static MPI_Win window = MPI_WIN_NULL;
static int64_t *count;
static size_t turn; /* of dealing: how often this rank took some */

#define ALL ((int64_t)1 << 62)

void tn_team_begin(int *argc, char ***argv)
{
    int provided;
    MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided);
}

void tn_team_end(void)
{
    MPI_Finalize();
}

int tn_team_rank(void)
{
    int rank;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

int tn_team_size(void)
{
    int size;
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    return size;
}

const char *tn_team_library(void)
{
    static char text[64];
    int version, subversion;
    MPI_Get_version(&version, &subversion);
    snprintf(text, sizeof text, "MPI %d.%d", version, subversion);
    return text;
}

static bool open_window(void)
{
    const MPI_Aint size = tn_team_rank() == 0 ? (MPI_Aint)sizeof *count : 0;
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    const int made =
        MPI_Win_allocate(size, sizeof *count, MPI_INFO_NULL, MPI_COMM_WORLD, (void *)&count, &window) == MPI_SUCCESS;
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
    if (tn_team_most(!made) == 0)
        return true;
    if (!made)
        window = MPI_WIN_NULL;
    return false;
}

bool tn_team_open(void)
{
    turn = 0;
    if (!open_window())
        return false;
    if (tn_team_rank() == 0) {
        MPI_Win_lock(MPI_LOCK_EXCLUSIVE, 0, 0, window);
        *count = 0;
        MPI_Win_unlock(0, window);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    return true;
}

static int64_t add(int64_t more)
{
    int64_t before = 0;
    MPI_Win_lock(MPI_LOCK_EXCLUSIVE, 0, 0, window);
    MPI_Fetch_and_op(&more, &before, MPI_INT64_T, 0, 0, MPI_SUM, window);
    MPI_Win_unlock(0, window);
    return before;
}

size_t tn_team_claim(size_t items)
{
    if (window == MPI_WIN_NULL)
        return turn == SIZE_MAX ? SIZE_MAX : (turn++ * (size_t)tn_team_size() + (size_t)tn_team_rank()) * items;
    const int64_t before = add((int64_t)items);
    return before < 0 || before >= ALL ? SIZE_MAX : (size_t)before;
}

void tn_team_stop(void)
{
    int64_t all = ALL, before = 0;
    turn = SIZE_MAX;
    if (window == MPI_WIN_NULL)
        return;
    MPI_Win_lock(MPI_LOCK_EXCLUSIVE, 0, 0, window);
    MPI_Fetch_and_op(&all, &before, MPI_INT64_T, 0, 0, MPI_MAX, window);
    MPI_Win_unlock(0, window);
}

void tn_team_poll(void)
{
    int flag;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &flag, MPI_STATUS_IGNORE);
}

void tn_team_close(void)
{
    if (window != MPI_WIN_NULL)
        MPI_Win_free(&window);
    window = MPI_WIN_NULL;
}

int tn_team_most(int value)
{
    int most = value;
    MPI_Allreduce(&value, &most, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    return most;
}

double tn_team_sum(double value)
{
    double sum = value;
    MPI_Allreduce(&value, &sum, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    return sum;
}

void tn_team_share(void *data, size_t size)
{
    char *bytes = data;
    for (size_t done = 0; done < size; done += INT_MAX) {
        const size_t left = size - done;
        MPI_Bcast(bytes + done, left < INT_MAX ? (int)left : INT_MAX, MPI_BYTE, 0, MPI_COMM_WORLD);
    }
}
