/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* nftw */
#include "folder.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folders[64][64];
static int folder_count;

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info, (void)type, (void)place;
    return remove(path);
}

static void remove_folders(void)
{
    for (int i = 0; i < folder_count; i++)
        nftw(folders[i], remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

void folder_enter(char folder[64])
{
    assert_true(folder_count < (int)(sizeof folders / sizeof *folders));
    strcpy(folder, "/tmp/tonnage-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    if (folder_count == 0)
        atexit(remove_folders);
    strcpy(folders[folder_count++], folder);
}
